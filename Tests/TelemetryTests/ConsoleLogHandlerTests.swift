import Foundation
import Logging
import Telemetry
import Testing

struct ConsoleLogHandlerTests {
    private let log = CapturedLog()

    private func logger(isColored: Bool = false) -> Logger {
        let output = log.output
        return Logger(label: "sluice") { label in
            ConsoleLogHandler(
                label: label,
                output: output,
                isColored: isColored,
                now: { Date(timeIntervalSince1970: 1_770_091_506.789) }
            )
        }
    }

    @Test func writesAReadableLine() {
        logger().warning(
            "Slow start.",
            metadata: ["seconds": "3", "why": "disk is slow", "none": "", "list": ["a", "b"]]
        )
        #expect(
            log.lines == [
                "04:05:06.789 warn   sluice: Slow start. list=\"[a, b]\" none=\"\" seconds=3 why=\"disk is slow\"\n"
            ]
        )
    }

    @Test func aValueCannotSteerTheTerminal() {
        logger().info("a\nb\u{1B}[2J", metadata: ["k": "\u{9B}x\r"])
        let line = log.lines[0]
        #expect(line.unicodeScalars.dropLast().allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
        #expect(line.contains("\\u{1B}[2J"))
    }

    @Test func colorsComeOnlyWhenAskedFor() {
        logger(isColored: true).error("x")
        #expect(log.lines[0].contains("\u{1B}[31merror"))
    }
}
