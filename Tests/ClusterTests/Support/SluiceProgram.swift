import Foundation

/// The program under test: what `SLUICE_PROGRAM` names, else the one that the build puts into the folder of the test bundle.
enum SluiceProgram {
    static func path() throws -> String {
        if let named = ProcessInfo.processInfo.environment["SLUICE_PROGRAM"] { return named }
        let running = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        for start in [running].compactMap(\.self) + CommandLine.arguments where start.hasPrefix("/") {
            var folder = URL(filePath: start).deletingLastPathComponent()
            for _ in 0..<4 {
                let candidate = folder.appending(path: "sluice").path()
                var isFolder = false
                if isProgram(candidate, isFolder: &isFolder), !isFolder { return candidate }
                folder.deleteLastPathComponent()
            }
        }
        throw TestFailure("the executable 'sluice' is not beside the tests: build it first (swift build --build-tests)")
    }

    private static func isProgram(_ path: String, isFolder: inout Bool) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        isFolder = attributes?[.type] as? FileAttributeType == .typeDirectory
        return attributes != nil && FileManager.default.isExecutableFile(atPath: path)
    }
}

/// Something that a test needs does not work.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
