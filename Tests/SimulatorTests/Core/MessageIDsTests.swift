import Testing

@testable import Simulator

struct MessageIDsTests {
    @Test func lookLikeThoseOfSES() {
        var ids = MessageIDs(salt: 42)
        let id = ids.next(milliseconds: 1_764_000_000_000).text
        #expect(id.hasPrefix("0107019a"))
        #expect(id.hasSuffix("-000000"))
        #expect(id.split(separator: "-").map(\.count) == [16, 8, 4, 4, 4, 12, 6])
        #expect(id.allSatisfy { $0 == "-" || $0.isHexDigit && !$0.isUppercase })
    }

    @Test func areUniqueInTheSameMillisecond() {
        var ids = MessageIDs(salt: 1)
        var others = MessageIDs(salt: 2)
        var seen: Set<String> = []
        for _ in 0..<20_000 {
            seen.insert(ids.next(milliseconds: 5).text)
            seen.insert(others.next(milliseconds: 5).text)
        }
        #expect(seen.count == 40_000)
    }
}
