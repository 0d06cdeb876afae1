import Postgres
import Signing
import Testing

@testable import Sealing

@Suite("What is sealed for a place")
struct DataKeyTests {
    private let key = DataKey(id: 7, bytes: SecureRandom.bytes(32))
    private let id = PostgresUUID(high: 0x0199_0000_0000_7000, low: 0x8000_0000_0000_0001)
    private let text = Array(String(repeating: "Dear customer, ", count: 100).utf8)

    @Test("Opens at its place only", arguments: [0, 1, 2000])
    func place(count: Int) {
        let text = Array(text.prefix(count))
        let place = SealedPlace(.body, tenantID: 1, id: id)
        let sealed = key.seal(text, at: place)
        #expect(key.open(sealed, at: place) == text)
        let others = [
            SealedPlace(.recipientData, tenantID: 1, id: id), SealedPlace(.body, tenantID: 2, id: id),
            SealedPlace(.body, tenantID: 1, id: PostgresUUID(high: id.high, low: id.low + 1)),
            SealedPlace(.body, tenantID: 1, id: PostgresUUID(high: id.high + 1, low: id.low)),
        ]
        for other in others { #expect(key.open(sealed, at: other) == nil) }
        #expect(DataKey(id: 7, bytes: SecureRandom.bytes(32)).open(sealed, at: place) == nil)
    }

    @Test("Says under which data key it was sealed, which cannot be changed")
    func number() {
        let place = SealedPlace(.body, tenantID: 1, id: id)
        var sealed = key.seal(text, at: place)
        #expect(DataKey.number(of: sealed) == 7)
        #expect(sealed.count < text.count / 4, "packed first")
        sealed[4] = 8
        #expect(DataKey.number(of: sealed) == 8)
        #expect(key.open(sealed, at: place) == nil)
        #expect(DataKey.number(of: [1, 0, 0]) == nil && DataKey.number(of: []) == nil)
        #expect(DataKey.number(of: Array(#"{"a": 1}"#.utf8)) == nil)
    }

    @Test("Nothing that describes it shows it")
    func hidden() {
        let bytes = [UInt8](repeating: 0xAB, count: 32)
        var dumped = ""
        dump(DataKey(id: 1, bytes: bytes), to: &dumped)
        #expect(!dumped.contains("171") && !"\(DataKey(id: 1, bytes: bytes))".contains("171"))
    }
}
