import Testing

@testable import Sealing

@Suite("LZ4 blocks")
struct LZ4BlockTests {
    /// Numbers that are the same in every run.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    @Test("What is packed is unpacked, whatever it is", arguments: [2, 4, 16, 256])
    func roundTrip(letters: Int) {
        var numbers = Numbers(state: UInt64(letters))
        for length in [0, 1, 4, 11, 12, 13, 14, 30, 255, 300, 5000, 70_000, 200_000] {
            let text = (0..<length).map { _ in UInt8(Int.random(in: 0..<letters, using: &numbers)) }
            #expect(LZ4Block.unpack(LZ4Block.pack(text)) == text)
        }
    }

    @Test("Repetition is packed, over any distance that the format has, and random bytes hardly grow")
    func size() {
        #expect(LZ4Block.pack([UInt8](repeating: 7, count: 100_000)).count < 500)
        let mail = Array(String(repeating: "<p style=\"margin:0\">Hello, dear customer</p>\r\n", count: 50).utf8)
        #expect(LZ4Block.pack(mail).count < mail.count / 10)
        var numbers = Numbers(state: 1)
        let noise = (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        #expect(LZ4Block.pack(noise).count < noise.count + 60)
        let far = noise + [UInt8](repeating: 0, count: 60_000) + noise
        #expect(LZ4Block.unpack(LZ4Block.pack(far)) == far)
    }

    @Test("What nobody packed is refused, and never read out of bounds")
    func garbage() {
        var numbers = Numbers(state: 2)
        let good = LZ4Block.pack(Array("abcdabcdabcdabcdabcdabcdabcdabcdxyzxyz".utf8))
        for _ in 0..<5000 {
            var bad = good
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                bad[Int.random(in: 0..<bad.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            bad.removeLast(Int.random(in: 0...3, using: &numbers))
            if let text = LZ4Block.unpack(bad) { #expect(text.count <= bad.count * 255) }
        }
        #expect(LZ4Block.unpack([]) == nil)
        #expect(LZ4Block.unpack([255, 255, 255, 255, 0]) == nil, "a length that cannot be")
    }
}
