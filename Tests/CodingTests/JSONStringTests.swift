import Coding
import Foundation
import Testing

@Suite struct JSONStringTests {
    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("a \"b\" \\ c", #""a \"b\" \\ c""#), ("\r\n\t", #""\r\n\t""#),
        ("\u{0}\u{1F}\u{8}", #""\u0000\u001f\u0008""#), ("ä€😀\u{7F}/", "\"ä€😀\u{7F}/\""),
    ])
    func writes(_ text: String, _ json: String) {
        var bytes: [UInt8] = [1]
        bytes.appendJSON(text)
        #expect(bytes == [1] + Array(json.utf8))
    }

    /// Wherever in the pieces that are looked at together an escape falls, Foundation reads the same text.
    @Test(arguments: 0...100) func isReadAsItWas(_ length: Int) throws {
        for special in ["\"", "\\", "\n", "\u{0}", "ä"] {
            for place in 0...length {
                var text = String(repeating: "x", count: length)
                text.insert(contentsOf: special, at: text.index(text.startIndex, offsetBy: place))
                var bytes: [UInt8] = []
                bytes.appendJSON(text)
                let read = try JSONDecoder().decode(String.self, from: Data(bytes))
                guard read == text else {
                    Issue.record("\(special.debugDescription) at \(place) of \(length) is read as \(read)")
                    return
                }
            }
        }
    }

    @Test func findsTheFirstEscapeFromAPlaceOn() {
        let bytes = Array("\"\(String(repeating: "x", count: 70))\\y".utf8)
        #expect(bytes.firstJSONEscape(from: 0) == 0)
        #expect(bytes.firstJSONEscape(from: 1) == 71)
        #expect(bytes.firstJSONEscape(from: 72) == nil)
        #expect(bytes.firstJSONEscape(from: bytes.count) == nil)
    }
}
