import Foundation

/// A second build of the program: the same sources with further migrations compiled in, as the next release would have them.
enum LaterProgram {
    enum Migration: String {
        /// Works with the release before it.
        case expand = "9001_expand"
        /// Needs a program that knows it.
        case contract = "9002_contract"
    }

    /// Links it into a folder and returns its path.
    static func make(_ migrations: [Migration], folder: URL) async throws -> String {
        let output = folder.appending(path: "sluice-" + migrations.map(\.rawValue).joined(separator: "-")).path()
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../upgrade").standardized
        // .build/debug leads to the folder of the platform; the manifest is beside it.
        let build = URL(filePath: try SluiceProgram.path()).deletingLastPathComponent().resolvingSymlinksInPath()
        let manifest = build.deletingLastPathComponent().deletingLastPathComponent().appending(path: "debug.yaml")
        let files = migrations.map { sources.appending(path: "\($0.rawValue).sql").path() }
        let linking = Program(
            path: "/usr/bin/env",
            arguments: ["python3", sources.appending(path: "later.py").path(), manifest.path(), output] + files,
            environment: ProcessInfo.processInfo.environment
        )
        _ = try await linking.succeed()
        return output
    }
}
