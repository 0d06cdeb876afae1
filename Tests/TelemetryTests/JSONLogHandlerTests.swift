import Foundation
import Logging
import Telemetry
import Testing

struct JSONLogHandlerTests {
    private let log = CapturedLog()

    private func logger(provider: Logger.MetadataProvider? = nil) -> Logger {
        let output = log.output
        var logger = Logger(label: "sluice.test") { label in
            JSONLogHandler(
                label: label,
                level: .debug,
                output: output,
                metadataProvider: provider,
                now: { Date(timeIntervalSince1970: 1_770_091_506.789_4) }
            )
        }
        logger[metadataKey: "node"] = "n1"
        return logger
    }

    @Test func writesOneObjectALineWithKeysInOrder() throws {
        logger().info("Message accepted.", metadata: ["message.id": "m1", "a": "1"])
        #expect(
            log.lines == [
                #"{"ts":"2026-02-03T04:05:06.789Z","level":"info","label":"sluice.test","msg":"Message accepted.","#
                    + #""a":"1","message.id":"m1","node":"n1"}"# + "\n"
            ]
        )
        logger().trace("below the level")
        #expect(log.lines.count == 1)
    }

    @Test func flattensDictionariesAndKeepsLists() throws {
        logger().info("x", metadata: ["http": ["route": "/send", "size": ["in": "1"]], "ids": ["a", ["b"]]])
        let object = try #require(try log.objects().first)
        #expect(object["http.route"] as? String == "/send")
        #expect(object["http.size.in"] as? String == "1")
        #expect(log.lines[0].contains(#""ids":["a",["b"]]"#))
    }

    @Test func theNearestSourceWins() throws {
        let provider = Logger.MetadataProvider { ["node": "provided", "trace": "t", "call": "provided"] }
        logger(provider: provider).info("x", metadata: ["call": "explicit"])
        let object = try #require(try log.objects().first)
        #expect(object["node"] as? String == "provided")
        #expect(object["trace"] as? String == "t")
        #expect(object["call"] as? String == "explicit")
    }

    @Test func ownKeysAreNotOverwritten() throws {
        logger().info("x", metadata: ["msg": "mine", "ts": "never"])
        let object = try #require(try log.objects().first)
        #expect(object["msg"] as? String == "x")
        #expect(object["metadata.msg"] as? String == "mine")
        #expect(object["metadata.ts"] as? String == "never")
    }

    @Test func errorsHaveAMember() throws {
        struct Refused: Error, CustomStringConvertible { var description: String { "refused" } }
        logger().error("x", error: Refused())
        #expect(try log.objects().first?["error"] as? String == "refused")
    }

    @Test(arguments: [
        "quote \" backslash \\ slash /", "line\nfeed\r\ttab", "nul \u{0} bell \u{7} esc \u{1B}[31m del \u{7F}",
        "next \u{85} csi \u{9B}",
        "\u{2028}\u{2029}", "ä € 😀 \u{FFFF} e\u{301}", "",
    ])
    func everyTextSurvivesOnOneLine(text: String) throws {
        logger().info("\(text)", metadata: ["\(text)k": "\(text)", "list": ["\(text)"]])
        let object = try #require(try log.objects().first)
        #expect((object["msg"] as? String).map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
        #expect((object["\(text)k"] as? String) == text)
        #expect((object["list"] as? [String]) == [text])
        let line = log.lines[0]
        let breaking = line.unicodeScalars.dropLast().filter {
            $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) || $0.value == 0x2028 || $0.value == 0x2029
        }
        #expect(breaking.isEmpty)
        #expect(line.hasSuffix("}\n"))
    }

    @Test func threadsDoNotInterleave() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/sluice-log-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let output = LogOutput(try #require(FileHandle(forWritingAtPath: path)))
        let padding = String(repeating: "x", count: 3000)
        await withTaskGroup { group in
            for worker in 0..<8 {
                group.addTask {
                    let logger = Logger(label: "w") { JSONLogHandler(label: $0, output: output) }
                    for line in 0..<100 {
                        logger.info("\(padding)", metadata: ["worker": "\(worker)", "line": "\(line)"])
                    }
                }
            }
        }
        output.flush()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 800)
        var last: [String: Int] = [:]
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let worker = try #require(object?["worker"] as? String)
            let number = try #require(Int(object?["line"] as? String ?? ""))
            #expect(number == (last[worker] ?? -1) + 1)
            last[worker] = number
        }
    }

    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (-1.5, "1969-12-31T23:59:58.500Z"),
        (951_782_399.999, "2000-02-28T23:59:59.999Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
        (1_709_164_800.5, "2024-02-29T00:00:00.500Z"), (4_107_542_399, "2100-02-28T23:59:59.000Z"),
        (4_107_542_400, "2100-03-01T00:00:00.000Z"),
    ])
    func timesAreUTC(seconds: Double, expected: String) throws {
        let output = log.output
        let handler = JSONLogHandler(label: "x", output: output, now: { Date(timeIntervalSince1970: seconds) })
        Logger(label: "x") { _ in handler }.info("x")
        #expect(try log.objects().first?["ts"] as? String == expected)
    }
}
