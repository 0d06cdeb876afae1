import Foundation
import Mail
import Testing

@testable import Outbox

/// `GET /messages` and `GET /recipients`.
@Suite(.timeLimit(.minutes(5))) struct ListRouteTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    /// The number has four digits.
    private static func id(_ number: Int) -> String { "018f0000-0000-7abc-8000-0000\(number)0000" }

    private static func message(_ number: Int, _ statuses: [MessageStatus] = [.sent]) throws -> ListedMessage {
        ListedMessage(
            id: try #require(MessageID(id(number))),
            region: "AT",
            stream: "transactional",
            from: "=?UTF-8?Q?=C3=84rzte?= <a@apa.example>",
            subject: "Grüße",
            tags: #"{"a": "1"}"#,
            metadata: nil,
            createdAt: start,
            scheduledAt: nil,
            expiresAt: nil,
            recipients: statuses.count,
            to: ["r@x.example"],
            summary: MessageSummary(statuses)
        )
    }

    private static func recipient(_ number: Int) throws -> ListedRecipient {
        ListedRecipient(
            id: try #require(MessageID(id(1000))?.outbox(number)),
            email: "r\(number)@x.example",
            kind: .to,
            status: .bounced,
            attempts: 1,
            sesMessageID: "ses-1",
            reason: "smtp; 550 5.1.1 unknown",
            updatedAt: start,
            region: "AT",
            stream: "bulk",
            createdAt: start,
            lastEvent: .bounced,
            details: #"{"bounce": {"type": "Permanent"}}"#
        )
    }

    private static func numbers(_ answer: TestAnswer) -> String {
        let ids = (answer.json["data"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
        let numbers = ids.map { String($0.suffix(8).prefix(4)) }.joined(separator: " ")
        return numbers + (answer.json["has_more"] as? Bool == true ? " and more" : "")
    }

    @Test func messagesAreShown() async throws {
        try await TestGateway.run { gateway in
            let messages = [try Self.message(1002, [.sent, .failed, .sent]), try Self.message(1001)]
            gateway.lists.set { $0.messages[1] = messages }
            let answer = try await gateway.request("GET", "/messages")
            #expect(answer.status == 200)
            #expect(answer.headers["cache-control"] == "no-store")
            func item(_ id: Int, _ status: String, _ count: Int) -> String {
                #"{"id":"\#(Self.id(id))",\#(status),"region":"AT","stream":"transactional","#
                    + #""from":"Ärzte <a@apa.example>","to":["r@x.example"],"recipient_count":\#(count),"#
                    + #""subject":"Grüße","tags":{"a": "1"},"metadata":{},"created_at":"2023-11-14T22:13:20.000Z","#
                    + #""scheduled_at":null,"expires_at":null}"#
            }
            let mixed = item(1002, #""status":"mixed","counts":{"failed":1,"sent":2}"#, 3)
            let plain = item(1001, #""status":"sent""#, 1)
            #expect(answer.body == #"{"data":[\#(mixed),\#(plain)],"has_more":false}"#)
        }
    }

    @Test func recipientsSayWhy() async throws {
        try await TestGateway.run { gateway in
            let recipient = try Self.recipient(7)
            gateway.lists.set { $0.recipients[1] = [recipient] }
            let answer = try await gateway.request("GET", "/recipients?status=bounced&domain=X.Example&region=AT")
            #expect(
                answer.body
                    == #"{"data":[{"id":"\#(recipient.id)","message_id":"\#(recipient.id.message)","#
                    + #""email":"r7@x.example","kind":"to","status":"bounced","reason":"smtp; 550 5.1.1 unknown","#
                    + #""last_event":"email.bounced","details":{"bounce": {"type": "Permanent"}},"attempts":1,"#
                    + #""ses_message_id":"ses-1","region":"AT","stream":"bulk","#
                    + #""created_at":"2023-11-14T22:13:20.000Z","updated_at":"2023-11-14T22:13:20.000Z"}],"has_more":false}"#
            )
            var filter = RecipientFilter()
            (filter.status, filter.domain, filter.region) = (.bounced, "x.example", "AT")
            #expect(gateway.lists.asked.recipientFilters == [filter])
        }
    }

    @Test func pagesGoBothWays() async throws {
        try await TestGateway.run { gateway in
            let messages = try [1005, 1004, 1003, 1002, 1001].map { try Self.message($0) }
            gateway.lists.set { $0.messages[1] = messages }
            func page(_ query: String) async throws -> String {
                Self.numbers(try await gateway.request("GET", "/messages?\(query)"))
            }
            #expect(try await page("limit=2") == "1005 1004 and more")
            #expect(try await page("limit=2&after=\(Self.id(1004))") == "1003 1002 and more")
            #expect(try await page("limit=2&after=\(Self.id(1002))") == "1001")
            #expect(try await page("limit=2&before=\(Self.id(1002))") == "1004 1003 and more")
            #expect(try await page("limit=2&before=\(Self.id(1004))") == "1005")
            #expect(try await page("limit=100") == "1005 1004 1003 1002 1001")
            let first = try await gateway.request("GET", "/messages?limit=2")
            #expect(first.json["next"] as? String == Self.id(1004))
            gateway.lists.set {
                $0.messages = [:]
                $0.edge = messages.last?.id
            }
            let stopped = try await gateway.request("GET", "/messages?tag=rare")
            #expect(stopped.body == #"{"data":[],"has_more":true,"next":"\#(Self.id(1001))"}"#)
        }
    }

    @Test func filtersAreUnderstood() async throws {
        try await TestGateway.run { gateway in
            let query =
                "status=mixed&to=Ann%40B%C3%BCcher.Example&tag=order%3A47&region=AT&from=Shop@APA.example"
                + "&created_after=2026-02-03T06:05:06.5%2B02:00&created_before=2026-02-04"
            #expect(try await gateway.request("GET", "/messages?\(query)").status == 200)
            var filter = MessageFilter()
            filter.status = .mixed
            filter.to = "ann@xn--bcher-kva.example"
            filter.tag = .init(name: "order", value: "47")
            filter.region = "AT"
            filter.from = .address("shop@apa.example")
            filter.createdAfter = Date(timeIntervalSince1970: 1_770_091_506.5)
            filter.createdBefore = Date(timeIntervalSince1970: 1_770_163_200)
            #expect(gateway.lists.asked.messageFilters == [filter])
            _ = try await gateway.request("GET", "/messages?status=sending&tag=a_-B&from=APA.example")
            filter = MessageFilter()
            filter.status = .all(.sending)
            filter.tag = .init(name: "a_-B")
            filter.from = .domain("apa.example")
            #expect(gateway.lists.asked.messageFilters.last == filter)
        }
    }

    @Test(arguments: [
        ("limit=0", "limit"), ("limit=101", "limit"), ("limit=abc", "limit"), ("limit=", "limit"),
        ("limit=1e1", "limit"),
        ("limit=99999999999999999999", "limit"), ("limit=1&limit=2", "limit"), ("page=2", "page"),
        ("Status=sent", "Status"),
        ("after=018f0000-0000-7abc-8000-000010010000&before=018f0000-0000-7abc-8000-000010010000", "after"),
        ("after=", "after"), ("after=x", "after"), ("after=018F0000-0000-7ABC-8000-000010010000", "after"),
        ("after=018f0000-0000-7abc-8000-000010010001", "after"), ("before=-1", "before"), ("after=%00", "control"),
        ("status=", "status"), ("status=SENT", "status"), ("status=sent,failed", "status"), ("status=%00", "control"),
        ("to=", "to"), ("to=x", "to"), ("to=a@b.example,c@d.example", "to"), ("to=a%0D%0A@b.example", "control"),
        ("tag=", "tag"), ("tag=a:", "tag"), ("tag=:b", "tag"), ("tag=a:b:c", "tag"), ("tag=a%20b", "tag"),
        ("tag=a.b", "tag"),
        ("tag=%27%20OR%20true--", "tag"), ("region=", "region"), ("region=%C3%84", "region"),
        ("region=a%27b", "region"),
        ("from=", "from"), ("from=@", "from"), ("from=-", "from"),
        ("created_after=", "created_after"), ("created_after=yesterday", "created_after"),
        ("created_after=2026-02-30", "created_after"), ("created_after=2026-02-03T04:05:06", "created_after"),
        ("created_before=2026-13-01T00:00:00Z", "created_before"), ("created_before=1770091506", "created_before"),
        ("created_after=2026-02-04&created_before=2026-02-03", "created_after"),
    ])
    func badQueriesAreNamed(_ query: String, _ name: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", "/messages?\(query)")
            #expect(answer.status == 422 && answer.code == "invalid_query", "\(query)")
            #expect((answer.json["detail"] as? String ?? "").contains(name), "\(query): \(answer.body)")
            #expect(gateway.lists.asked.messageFilters.isEmpty)
        }
    }

    @Test(arguments: [
        "status=mixed", "to=a@b.example", "tag=a", "from=a@b.example", "domain=", "domain=a%20b", "domain=*.example",
        "after=018f0000-0000-7abc-8000-000010010000", "limit=0",
    ])
    func badQueriesOfRecipientsAreRefused(_ query: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", "/recipients?\(query)")
            #expect(answer.status == 422 && answer.code == "invalid_query", "\(query)")
            #expect(gateway.lists.asked.recipientFilters.isEmpty)
        }
    }

    @Test(arguments: ["to", "from", "tag", "region", "status", "after", "created_after", "x"])
    func hugeValuesAreRefused(_ name: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", "/messages?\(name)=\(String(repeating: "a", count: 4000))")
            #expect(answer.status == 422 && answer.code == "invalid_query")
        }
    }

    /// Another tenant's id is a place in time, as every other id is.
    @Test func nothingIsToldOfOthers() async throws {
        try await TestGateway.run { gateway in
            let (mine, theirs) = (try Self.message(1001), try Self.message(1002))
            gateway.lists.set {
                $0.messages = [1: [mine], 2: [theirs]]
                $0.recipients[2] = []
            }
            func answer(_ query: String, _ key: String = TestDirectory.apaKey) async throws -> String {
                try await gateway.request("GET", "/messages\(query)", key: key).body
            }
            let own = try await answer("")
            #expect(own.contains(mine.id.description) && !own.contains(theirs.id.description))
            let foreign = try await answer("?after=\(theirs.id)")
            let unknown = try await answer("?after=\(Self.id(1003))")
            #expect(foreign == unknown)
            #expect(foreign == own)
            #expect(try await answer("?before=\(theirs.id)") == #"{"data":[],"has_more":false}"#)
            #expect(try await gateway.request("GET", "/messages", key: nil).status == 401)
            #expect(try await gateway.request("GET", "/recipients", key: TestDirectory.adminKey).status != 200)
        }
    }

    @Test func aTenantsSearchesWaitForOneAnotherAndForNobodyElse() async throws {
        try await TestGateway.run { gateway in
            let gates = (0..<2).map { _ in AsyncStream<Void>.makeStream() }
            gateway.lists.set { $0.gates = gates.map(\.stream) }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 { group.addTask { try await gateway.request("GET", "/messages").status } }
                var begun = gateway.lists.searches.makeAsyncIterator()
                for _ in 0..<2 { await begun.next() }
                let other = try await gateway.request("GET", "/messages", key: TestDirectory.omvKey)
                #expect(other.status == 200)
                #expect(gateway.lists.asked.messageFilters.count == 3, "two of one tenant's, one of the other's")
                for gate in gates { gate.continuation.finish() }
                for try await status in group { #expect(status == 200) }
            }
            #expect(gateway.lists.asked.messageFilters.count == 6)
        }
    }
}
