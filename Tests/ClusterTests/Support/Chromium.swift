import Foundation

/// The browser of the system that the pages are driven in.
enum Chromium {
    /// Nil where there is none.
    static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }
}
