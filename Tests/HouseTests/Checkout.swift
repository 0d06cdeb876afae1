import Foundation

/// The checkout that these tests were compiled from.
struct Checkout {
    let root: URL

    init(testFile: String = #filePath) {
        root = URL(fileURLWithPath: testFile)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The names in a folder, sorted.
    func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path).sorted()
    }

    /// All Swift files below a folder.
    func sources(in folder: String) throws -> [SourceFile] {
        let top = root.appendingPathComponent(folder)
        let paths = FileManager.default.enumerator(atPath: top.path)?.compactMap { $0 as? String } ?? []
        return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            SourceFile(
                path: "\(folder)/\(path)",
                text: try String(contentsOf: top.appendingPathComponent(path), encoding: .utf8)
            )
        }
    }
}

/// A Swift file: its path below the root, its text, and its code without comments and strings.
struct SourceFile {
    let path: String
    let text: String
    let tokens: [SwiftToken]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        tokens = SwiftTokens.read(text)
    }
}

/// A place where a rule of the house is broken.
struct Finding: Equatable, CustomStringConvertible {
    var path: String
    var line: Int
    var what: String

    var description: String { "\(path):\(line): \(what)" }
}
