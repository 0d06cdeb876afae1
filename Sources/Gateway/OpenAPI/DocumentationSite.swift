import APIText
import Dashboard
import Synchronization

/// `/openapi.json` and the pages under `/docs` of one listener, made when somebody first asks: most processes are never
/// asked.
final class DocumentationSite: Sendable {
    struct File: Sendable {
        let type: String
        let bytes: [UInt8]
    }

    private let fragments: [Fragments.File]
    private let server: String
    private let files = Mutex<[String: File]?>(nil)

    /// - Parameter server: where the API is reached, for programs that read the document.
    init(_ fragments: [Fragments.File], server: String) {
        self.fragments = fragments
        self.server = server
    }

    /// What is at a path; nil for nothing.
    ///
    /// - Throws: `APIDocumentError` for fragments that make no document, which tests have seen to.
    func file(_ path: String) throws -> File? {
        try files.withLock { files in
            if let files { return files[path] }
            let made = try make()
            files = made
            return made[path]
        }
    }

    private func make() throws -> [String: File] {
        let document = try APIDocument(fragments)
        var files = DocumentationPages(document).pages.mapValues { page in
            File(type: "text/html; charset=utf-8", bytes: Array(page.text.utf8))
        }
        files["/openapi.json"] = File(type: "application/json", bytes: document.json(server: server).bytes)
        files["/docs/style.css"] = File(type: "text/css; charset=utf-8", bytes: Fragments.stylesheet)
        return files
    }
}
