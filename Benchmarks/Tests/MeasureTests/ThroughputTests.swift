import Foundation
import FoundationXML
import Measure
import Testing

struct ThroughputTests {
    private static let work = DatabaseWork(walBytes: 250_000, commits: 10, deadRows: 100, updates: 50, hotUpdates: 50)

    private static func accepted(_ system: String, _ batch: Int, _ perSecond: Int, offered: Double? = nil)
        -> AcceptResult
    {
        AcceptResult(
            setting: .init(system: system, contract: "durable", batch: batch, clients: 64),
            messages: perSecond * 10,
            refused: 0,
            seconds: 10,
            offered: offered,
            latencies: offered == nil ? [] : (1...1000).map { Double($0) / 100_000 },
            cost: .init(system: 1, database: 2, client: nil),
            work: work
        )
    }

    private static func limit(_ batch: Int, _ clients: Int, _ perSecond: Int) -> LimitResult {
        LimitResult(
            way: batch == 1 ? "one by one" : "batches",
            batch: batch,
            clients: clients,
            messages: perSecond,
            seconds: 1,
            client: 0.1,
            database: 0.9,
            work: work
        )
    }

    @Test func theMedianRunOfEachThingCounts() {
        let runs =
            [7000, 9000, 8000].map { Self.accepted("Sluice", 1, $0) }
            + [100, 300].map { Self.accepted("other", 1, $0) }
        // Of an even number the slower of the two in the middle, so that nothing is made up.
        #expect(AcceptResult.medians(runs).map(\.perSecond) == [8000, 100])
        #expect(AcceptResult.medians([]).isEmpty)
    }

    @Test func goalsAreHeldAgainstTheSameRun() {
        let figures = AcceptFigures(
            accepted: [Self.accepted("Sluice", 1, 8000), Self.accepted("Sluice", 100, 20_000)],
            limit: [Self.limit(1, 64, 90_000), Self.limit(100, 4, 30_000), Self.limit(500, 4, 50_000)]
        )
        let goals = Goals.acceptance([figures])
        #expect(goals.map(\.isMet) == [true, false])
        #expect(goals[1].measured == "40.0 % (20,000 of 50,000/s)")
        #expect(Goal.table(goals).contains("**no**"))
    }

    @Test func aGoalOfDispatchIsOursAlone() {
        let cell = DispatchResult(
            system: "pgmq, boto3",
            contract: "",
            latency: "0ms",
            rows: 100,
            seconds: 1,
            sentOnce: 100,
            worker: 1,
            database: 1,
            receiver: nil,
            work: Self.work
        )
        #expect(Goals.dispatch([cell]).isEmpty)
        #expect(ReportPage.dispatch([cell]).contains("pgmq, boto3"))
    }

    @Test func quantilesOccurredAndAreTheTailsThatCanBeTold() {
        let quantiles = Quantile.usual((1...1000).map(Double.init).shuffled())
        #expect(quantiles.first == Quantile(part: 0, value: 1))
        #expect(quantiles.contains(Quantile(part: 0.99, value: 990)))
        #expect(quantiles.contains(Quantile(part: 0.999, value: 999)))
        #expect(!quantiles.contains { $0.part == 0.9999 })
        #expect(quantiles.last == Quantile(part: 1, value: 1000))
        #expect(Quantile.usual([]).isEmpty)
    }

    @Test func chartsOfThroughputAreWellFormed() throws {
        let figures = AcceptFigures(
            accepted: [Self.accepted("Sluice", 1, 8000), Self.accepted("Sluice", 1, 5600, offered: 5600)],
            limit: [Self.limit(1, 64, 9000)]
        )
        for svg in [Pictures.acceptance([figures]), Pictures.acceptanceLatency([figures])] {
            let svg = try #require(svg)
            #expect(XMLParser(data: Data(svg.utf8)).parse())
        }
        #expect(try #require(Pictures.acceptance([figures])).contains("8,000"))
        #expect(Pictures.acceptance([]) == nil)
    }

    @Test func thousandsAreGrouped() {
        #expect(Figures.thousands(0) == "0")
        #expect(Figures.thousands(999.6) == "1,000")
        #expect(Figures.thousands(1_234_567) == "1,234,567")
        #expect(Figures.thousands(-4321) == "-4,321")
        #expect(Figures.fineMilliseconds(0.01234) == "12.3 ms")
    }

    @Test(arguments: [
        ("HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhello", AnswerHead.Parts(202, 49)),
        ("HTTP/1.1 503 Busy\r\nretry-after: 1\r\ncontent-length:0\r\n\r\n", AnswerHead.Parts(503, 55)),
        ("HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n", nil),
        ("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n", nil),
        ("HTTP", nil),
    ])
    func theHeadOfAnAnswerIsRead(text: String, parts: AnswerHead.Parts?) {
        let head = AnswerHead(Array(text.utf8))
        #expect(head.map { AnswerHead.Parts($0.status, $0.length) } == parts)
    }
}

extension AnswerHead {
    struct Parts: Equatable, Sendable {
        let status: Int
        let length: Int

        init(_ status: Int, _ length: Int) {
            self.status = status
            self.length = length
        }
    }
}
