import Foundation

/// The server's `postmaster.pid`: who runs on the data, and how far it is.
struct PostmasterFile: Sendable, Equatable {
    var processID: Int32
    /// `starting`, `ready`, `stopping` or `standby`; empty while the server has not said so yet.
    var status: String

    init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        guard let first = lines.first, let processID = Int32(first), processID > 0 else { return nil }
        self.processID = processID
        status = lines.count > 7 ? lines[7] : ""
    }

    static func path(data: String) -> String { "\(data)/postmaster.pid" }

    static func read(data: String) -> Self? {
        guard let text = try? String(contentsOfFile: path(data: data), encoding: .utf8) else { return nil }
        return Self(text: text)
    }
}
