import Dispatch
import Foundation
import Logging
import Synchronization
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(5))) struct LogOutputTests {
    /// A reader who takes nothing until it is let.
    private final class Reader: Sendable {
        let gate = DispatchSemaphore(value: 0)
        let text = Mutex(Data())

        var lines: [Substring] { text.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n") }
    }

    @Test func whoLogsDoesNotWaitForAReaderAndWhatIsLeftOutIsTold() {
        let reader = Reader()
        let output = LogOutput { lines in
            reader.gate.wait()
            reader.text.withLock { $0.append(lines) }
        }
        let logger = Logger(label: "test") { JSONLogHandler(label: $0, output: output) }
        let padding = String(repeating: "x", count: 64 << 10)
        let most = LogOutput.maximumBytes / padding.utf8.count
        // All of it returns, though nobody reads.
        for line in 0..<(2 * most) { logger.info("\(padding)", metadata: ["line": "\(line)"]) }
        for _ in 0..<3 { reader.gate.signal() }
        output.flush()
        let before = reader.lines.count
        #expect(before > 0 && before < 2 * most)
        logger.info("again")
        output.flush()
        let lines = reader.lines
        #expect(lines.count == before + 2)
        #expect(lines.dropLast().last?.contains("\"lines\":\(2 * most - before)}") == true)
        #expect(lines.last?.contains("\"msg\":\"again\"") == true)
        reader.gate.signal()
    }

    @Test func aFlushEndsThoughNobodyReads() {
        let reader = Reader()
        let output = LogOutput { _ in reader.gate.wait() }
        Logger(label: "test") { JSONLogHandler(label: $0, output: output) }.info("stuck")
        output.flush()
        reader.gate.signal()
        output.flush()
    }
}
