import Foundation

/// What a run ran on.
enum Machine {
    static func description() async throws -> [String: String] {
        let program = try SluiceProgram.path()
        return [
            "processor": value("model name", in: "/proc/cpuinfo") ?? "unknown",
            "cores": "\(ProcessInfo.processInfo.activeProcessorCount)",
            "memory": "\(ProcessInfo.processInfo.physicalMemory >> 20) MiB",
            "kernel": (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8))?
                .trimmingCharacters(in: .whitespacesAndNewlines) ?? "unknown",
            "postgresql": try await DatabaseBinaries.find().version(),
            "program": program.contains("/release/") ? "release build" : "not a release build",
            "date": Date().formatted(.iso8601.year().month().day()),
        ]
    }

    private static func value(_ name: String, in file: String) -> String? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
    }
}
