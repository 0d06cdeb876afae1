import Foundation
import Testing

@testable import Feedback

/// Why something is kept: each reason has its counter from the start.
struct KeptReasonTests {
    @Test func everyReasonIsListed() throws {
        let module = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/Feedback")
        var found: Set<String> = []
        let files = try #require(FileManager.default.enumerator(at: module, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: #/reason: "([a-z_]+)"/#) { found.insert(String(match.output.1)) }
            for match in text.matches(of: #/\? "([a-z_]+)" : "([a-z_]+)",\n *detail:/#) {
                found.formUnion([String(match.output.1), String(match.output.2)])
            }
        }
        #expect(found.contains("unused_type"))
        #expect(found.sorted() == FeedbackMetrics.keptReasons)
    }
}
