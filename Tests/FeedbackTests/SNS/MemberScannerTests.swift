import Foundation
import Testing

@testable import Feedback

@Suite("Members of an envelope")
struct MemberScannerTests {
    private func texts(_ json: String) -> [String: String]? {
        MemberScanner.members(Array(json.utf8)).map { members in
            Dictionary(
                members.compactMap { member in
                    if case .text(let text) = member.value { (member.name, text) } else { nil }
                },
                uniquingKeysWith: { first, _ in first }
            )
        }
    }

    @Test(
        "Texts are what Foundation's decoder makes of them",
        arguments: [
            #"{"a":"b"}"#, #" { "a" : "b" , "c" : "" } "#, #"{"a":"\n\t\"\\\/\b\f\r"}"#,
            #"{"a":"\u00e4\u20ac\ud83d\ude00"}"#,
            #"{"\u0061":"Größe 😀"}"#, #"{}"#, #"{"a":"\u0000"}"#, "{\"a\":\"\u{2028}\"}",
        ]
    )
    func decoding(json: String) throws {
        #expect(try texts(json) == JSONDecoder().decode([String: String].self, from: Data(json.utf8)))
    }

    @Test("Other values are stepped over")
    func others() throws {
        let json = #"{"n":null,"i":-1.5e3,"t":true,"o":{"x":"}\"","y":[1,{}]},"a":[],"s":"end"}"#
        let members = try #require(MemberScanner.members(Array(json.utf8)))
        #expect(members.map(\.name) == ["n", "i", "t", "o", "a", "s"])
        #expect(members[0].value == .other(isNull: true) && members[3].value == .other(isNull: false))
        #expect(members[5].value == .text("end"))
    }

    @Test(
        "What is not one object in JSON is none",
        arguments: [
            "", " ", "x", "[]", "null", #"{"a""#, #"{"a":"b""#, #"{"a":"b"}x"#, #"{"a":"b",}"#, #"{a:"b"}"#, #"{"a":}"#,
            #"{"a":"\x"}"#, #"{"a":"\ud83d"}"#, #"{"a":"\ude00"}"#, #"{"a":"\ud83d\u0041"}"#, "{\"a\":\"\n\"}",
            #"{"a":nul}"#,
            #"{"a":[}"#, #"{"a":[1,2}"#, #"{"a":"\u12"#, #"{"a":{"b":"c"}"#, "{\"a\":\"b\"}{\"a\":\"b\"}",
        ]
    )
    func malformed(json: String) { #expect(MemberScanner.members(Array(json.utf8)) == nil) }

    @Test("Bytes that are no UTF-8, depth and number have their bounds")
    func bounds() {
        #expect(MemberScanner.members(Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8)) == nil)
        #expect(MemberScanner.members(Array(#"{"a":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8)) == nil)
        func nested(_ depth: Int) -> [UInt8] {
            Array(("{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}").utf8)
        }
        #expect(MemberScanner.members(nested(64)) != nil)
        #expect(MemberScanner.members(nested(65)) == nil)
        #expect(MemberScanner.members(nested(400_000)) == nil)
        let many = (0...200).map { "\"m\($0)\":1" }.joined(separator: ",")
        #expect(MemberScanner.members(Array("{\(many)}".utf8)) == nil)
    }
}
