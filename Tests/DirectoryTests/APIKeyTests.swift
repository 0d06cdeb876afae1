import Directory
import Foundation
import Testing

@Suite("API keys")
struct APIKeyTests {
    @Test("A key says what it is, and its checksum finds a typo", arguments: [APIKey.Kind.live, .admin])
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

    @Test("Keys differ")
    func unique() {
        #expect(Set((0..<1000).map { _ in APIKey.generate(.live) }).count == 1000)
    }
}
