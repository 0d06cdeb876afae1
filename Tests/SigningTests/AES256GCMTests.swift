import Signing
import Testing

@Suite("AES-256-GCM and HKDF")
struct AES256GCMTests {
    private func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex)) }

    /// Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation".
    @Test("Opens a published test vector")
    func vector() throws {
        let key = try bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        let bound = try bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let nonce = try bytes("cafebabefacedbaddecaf888")
        let text = try bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        )
        let sealed = try bytes(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        )
        let tag = try bytes("76fc6ece0f4e1768cddf8853bb2d551b")
        #expect(AES256GCM.open(nonce + sealed + tag, after: 0, key: key, bound: bound) == text)
    }

    @Test("Opens what it sealed, of any length, and nothing that was changed", arguments: [0, 1, 15, 16, 17, 4096])
    func roundTrip(count: Int) {
        let key = SecureRandom.bytes(32)
        let text = SecureRandom.bytes(count)
        let sealed = AES256GCM.seal(text, key: key, bound: [1], prefix: [9, 9])
        #expect(sealed.count == 2 + count + AES256GCM.overhead && sealed.starts(with: [9, 9]))
        #expect(AES256GCM.open(sealed, after: 2, key: key, bound: [1]) == text)
        #expect(AES256GCM.open(sealed, after: 2, key: key, bound: [2]) == nil)
        #expect(AES256GCM.open(sealed, after: 2, key: SecureRandom.bytes(32), bound: [1]) == nil)
        #expect(AES256GCM.open(Array(sealed.dropLast()), after: 2, key: key, bound: [1]) == nil)
        for index in 2..<sealed.count where count < 100 {
            var changed = sealed
            changed[index] ^= 1
            #expect(AES256GCM.open(changed, after: 2, key: key, bound: [1]) == nil)
        }
        #expect(
            AES256GCM.seal(text, key: key, bound: [1]) != AES256GCM.seal(text, key: key, bound: [1]),
            "a nonce of its own"
        )
    }

    @Test("Too short is not opened", arguments: [0, 1, 27])
    func short(count: Int) {
        #expect(
            AES256GCM.open([UInt8](repeating: 0, count: count), after: 0, key: SecureRandom.bytes(32), bound: [1])
                == nil
        )
    }

    /// RFC 5869, appendix A.1.
    @Test("HKDF expands as published")
    func hkdf() throws {
        let key = try bytes("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
        let expanded = HKDF.expand(key, info: try bytes("f0f1f2f3f4f5f6f7f8f9"))
        #expect(Hex.encode(expanded) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")
    }
}
