import Foundation

/// A wall clock that can be stepped under a running process: libfaketime reads the step from a file at each look. Monotonic clocks
/// stay as they are.
struct FakeClock: Sendable {
    private let file: String

    /// What is preloaded: the library that Debian's package `libfaketime` has, behind our own that keeps it from monotonic
    /// timers. Nil when either is missing.
    static let libraries: String? = {
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        let library = folders.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }.first(where: isThere)
        let own = Bundle.main.executableURL?.deletingLastPathComponent().appending(path: "libTimerGuard.so")
            .path(percentEncoded: false)
        guard let library, let own, isThere(own) else { return nil }
        return "\(own):\(library)"
    }()

    private static func isThere(_ file: String) -> Bool { FileManager.default.fileExists(atPath: file) }

    /// Nil when there is nothing to preload.
    init?(file: String) throws {
        guard Self.libraries != nil else { return nil }
        self.file = file
        try step(by: 0)
    }

    var environment: [String: String] {
        [
            "LD_PRELOAD": Self.libraries ?? "", "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DISABLE_SHM": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1",
        ]
    }

    /// Puts the clock so many seconds away from the true time.
    func step(by seconds: Int) throws {
        try Data("\(seconds < 0 ? "" : "+")\(seconds)".utf8).write(to: URL(filePath: file), options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
    }
}
