import Directory
import Foundation
import Testing

@Suite("API keys")
struct APIKeyTests {
    @Test("A key says what it is, and its checksum finds a typo", arguments: APIKey.Kind.allCases)
    func form(kind: APIKey.Kind) {
        let key = APIKey.generate(kind)
        #expect(key.hasPrefix(kind.rawValue))
        #expect(APIKey.isWellFormed(key))
        #expect(!APIKey.isWellFormed(String(key.dropLast())))
        #expect(!APIKey.isWellFormed(key + "x"))
        let index = key.index(key.startIndex, offsetBy: 15)
        let typo = key.replacingCharacters(in: index...index, with: key[index] == "A" ? "B" : "A")
        #expect(!APIKey.isWellFormed(typo))
    }

    @Test("A key of an earlier version is one still")
    func earlier() {
        #expect(APIKey.isWellFormed("sk_live_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcd" + Self.checksum))
        for text in ["", "sk_live_", "sk_", "sk_live_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcd000000", "sk_prod_x"] {
            #expect(!APIKey.isWellFormed(text))
        }
    }

    /// Of that text, computed apart: the first five bytes of its SHA-256 in base 62, the lowest digit first.
    private static let checksum = "TZe3hl"

    @Test("Keys differ")
    func unique() {
        #expect(Set((0..<1000).map { _ in APIKey.generate(.live) }).count == 1000)
    }
}
