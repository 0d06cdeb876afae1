import Foundation
import Synchronization
import Telemetry

/// Keeps what a handler writes.
final class CapturedLog: Sendable {
    private let chunks = Mutex<[Data]>([])

    var output: LogOutput {
        LogOutput { line in self.chunks.withLock { $0.append(line) } }
    }

    var lines: [String] { chunks.withLock { $0.map { String(decoding: $0, as: UTF8.self) } } }

    /// The lines as a JSON reader sees them.
    func objects() throws -> [[String: Any]] {
        try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
    }
}
