import Foundation

/// What a person sees of a run.
enum Terminal {
    /// A line that stays.
    static func line(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    /// What is going on, on standard error, so that the figures can be kept apart.
    static func progress(_ text: String) {
        FileHandle.standardError.write(Data("  \(text)\n".utf8))
    }
}
