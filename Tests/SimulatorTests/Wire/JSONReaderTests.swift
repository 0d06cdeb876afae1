import Foundation
import Testing

@testable import Simulator

struct JSONReaderTests {
    private static func isValid(_ bytes: [UInt8]) -> Bool {
        do {
            var reader = try JSONReader(bytes)
            try reader.skip()
            try reader.end()
            return true
        } catch {
            return false
        }
    }

    @Test(arguments: [
        "{}", "[]", " { \"a\" : [ 1 , -0.5e+3 , true, false, null, \"x\" ] } ", "0", "-0", "1E9", "\"\\u00e9\\n\"",
        "[[[[]]]]", "{\"a\":{\"b\":{}}}", "\"é\"",
    ])
    func takes(text: String) {
        #expect(Self.isValid(Array(text.utf8)))
    }

    @Test(arguments: [
        "", "{", "}", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "01", "1.", ".5", "1e", "+1", "-", "tru", "nul",
        "\"\\x\"", "\"\\u12\"", "\"\\u12", "\"abc", "\"a\nb\"", "[1 2]", "{} {}", "'a'", "NaN",
    ])
    func refuses(text: String) {
        #expect(!Self.isValid(Array(text.utf8)))
    }

    @Test func refusesWhatIsNotUTF8AndTooDeep() {
        #expect(!Self.isValid([0x22, 0xFF, 0x22]))
        #expect(!Self.isValid([0x22, 0xC0, 0x80, 0x22]))
        #expect(Self.isValid(Array((String(repeating: "[", count: 100) + String(repeating: "]", count: 100)).utf8)))
        #expect(!Self.isValid(Array(String(repeating: "[", count: 100_000).utf8)))
    }

    @Test func resolvesEscapes() throws {
        let text = #""a\"\\\/\b\f\n\r\tüü😀😀""#
        var reader = try JSONReader(Array(text.utf8))
        let resolved = try reader.string()
        #expect(resolved == "a\"\\/\u{8}\u{c}\n\r\tüü😀😀")
        for lone in [#""\ud83d""#, #""\ud83dx""#, #""\ude00""#, #""\ud83d\u0041""#] {
            #expect(throws: ServiceFailure.self) {
                var reader = try JSONReader(Array(lone.utf8))
                _ = try reader.string()
            }
        }
    }

    /// Damages valid documents at random; this reader and Foundation's must agree on what is JSON.
    @Test func agreesWithFoundationOnDamagedDocuments() {
        let seed = #"{"a":[1,-2.5e3,true,null,"x\né\u0041"],"b":{"c":"","d":[{},[]]},"e":0}"#
        var generator = SplitMix64(seed: 4)
        var valid = 0
        for _ in 0..<1500 {
            var bytes = Array(seed.utf8)
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let index = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes.remove(at: index)
                case 1: bytes.insert(bytes[Int.random(in: bytes.indices, using: &generator)], at: index)
                default: bytes[index] = bytes[Int.random(in: bytes.indices, using: &generator)]
                }
            }
            // Foundation takes a comma before a closing bracket; RFC 8259 does not.
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains(",]") || text.contains(",}") { continue }
            let isValid = Self.isValid(bytes)
            let isExpected = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            #expect(isValid == isExpected, "\(text)")
            if isValid { valid += 1 }
        }
        #expect(valid > 50)
    }

    @Test func quotesWhatItWrites() throws {
        let text = "a\"\\\u{1}\n\u{1f}é/"
        var reader = try JSONReader(Array(JSONText.quoted(text).utf8))
        let read = try reader.string()
        #expect(read == text)
        #expect(JSONText.quoted(nil as String?) == "null")
    }
}
