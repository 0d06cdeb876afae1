import Foundation
import Synchronization
import Telemetry

/// Keeps what a handler writes.
final class CapturedLog: Sendable {
    private final class Text: Sendable {
        let bytes = Mutex(Data())
    }

    let output: LogOutput
    private let text = Text()

    init() {
        output = LogOutput { [text] lines in text.bytes.withLock { $0.append(lines) } }
    }

    /// With their line ends.
    var lines: [String] {
        output.flush()
        let text = text.bytes.withLock { String(decoding: $0, as: UTF8.self) }
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { $0 + "\n" }
    }

    /// The lines as a JSON reader sees them.
    func objects() throws -> [[String: Any]] {
        try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
    }
}
