import Foundation

/// The program that is measured.
enum SluiceProgram {
    static let variable = "SLUICE_BENCH_PROGRAM"

    /// `$SLUICE_BENCH_PROGRAM`, which the script `run` sets to the main package's release build.
    static func path() throws -> String {
        guard let path = ProcessInfo.processInfo.environment[variable] else {
            throw Failure("\(variable) is not set: start this as Benchmarks/run, or name a built 'sluice' in it")
        }
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure("\(variable) names \(path), which is no program: build it with 'swift build -c release'")
        }
        return URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
    }
}
