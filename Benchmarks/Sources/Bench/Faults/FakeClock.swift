import Foundation

/// A wall clock that can be stepped under a running process: libfaketime reads the step from a file at each look. Monotonic clocks
/// stay as they are.
struct FakeClock: Sendable {
    private let library: String
    private let file: String

    /// Where Debian's package `libfaketime` puts it; nil when it isn't installed.
    static let library: String? = {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        return folders.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()

    /// Nil when libfaketime isn't installed.
    init?(file: String) throws {
        guard let library = Self.library else { return nil }
        self.library = library
        self.file = file
        try step(by: 0)
    }

    var environment: [String: String] {
        [
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1", "FAKETIME_DISABLE_SHM": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1",
        ]
    }

    /// Puts the clock so many seconds away from the true time.
    func step(by seconds: Int) throws {
        try Data("\(seconds < 0 ? "" : "+")\(seconds)".utf8).write(to: URL(filePath: file), options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
    }
}
