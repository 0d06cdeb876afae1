import Foundation
import Mail
import Testing

@testable import Gateway

@Suite struct JSONParserTests {
    @Test(arguments: [
        "{}", "[]", " \r\n\t{ } ", "0", "-0.5e+10", "1E9", "true", "false", "null", #""""#,
        #""\"\\\/\b\f\n\r\t\u00e4""#,
        #""\ud83d\ude00""#, #"{"a":[1,{"b":null}],"c":"d"}"#, #"{"a":{"a":{"a":1}}}"#, "\"ä\u{7F}\"",
    ])
    func takes(_ text: String) throws {
        _ = try JSONParser(Array(text.utf8))
    }

    @Test(arguments: [
        ("", 1, 1), ("{", 1, 2), ("{\"a\"", 1, 5), ("{\"a\":1", 1, 7), ("{\"a\":1,}", 1, 8), ("{\"a\" 1}", 1, 6),
        ("{a:1}", 1, 2),
        ("[1,]", 1, 4), ("[1 2]", 1, 4), ("[1", 1, 3), ("tru", 1, 1), ("nil", 1, 1), ("01", 1, 2), ("1.", 1, 3),
        (".5", 1, 1),
        ("-", 1, 2), ("1e", 1, 3), ("\"a", 1, 3), ("\"a\nb\"", 1, 3), ("\"\\x\"", 1, 3), ("\"\\u12g4\"", 1, 6),
        ("\"\\ud800\"", 1, 8), ("\"\\udc00\"", 1, 8), ("\"\\ud800\\u0041\"", 1, 14), ("{\n  \"ä\": 1,\n  x\n}", 3, 3),
        ("\"ä\" x", 1, 5), ("{} {}", 1, 4), ("'a'", 1, 1), ("// c\n{}", 1, 1), ("NaN", 1, 1), ("\u{FEFF}{}", 1, 1),
    ])
    func refuses(_ text: String, _ line: Int, _ column: Int) throws {
        let problem = #expect(throws: Problem.self) { _ = try JSONParser(Array(text.utf8)) }
        #expect(problem?.code == .invalidJSON)
        #expect(problem?.detail.hasPrefix("line \(line), column \(column): ") == true, "\(problem?.detail ?? "")")
    }

    @Test(arguments: [
        (#"{"to":1,"to":2}"#, "/to"), (#"{"to":1,"t\u006f":2}"#, "/to"), (#"{"a":[{"b":1},{"b":1,"b":2}]}"#, "/a/1/b"),
        (String(repeating: "[", count: 17), String(repeating: "/0", count: 16)),
        ("{\"to\":[\(Array(repeating: "1", count: 1001).joined(separator: ","))]}", "/to"),
    ])
    func refusesWhatNoRequestNeeds(_ text: String, _ pointer: String) throws {
        let problem = #expect(throws: Problem.self) { try JSONDocument(Array(text.utf8)).requireUnique() }
        #expect(problem?.code == .invalidMessage)
        #expect(problem?.errors.map(\.pointer) == [pointer])
    }

    @Test func findsWhatIsRepeatedInALargeObject() throws {
        let names = (0..<200).map { "\"m\($0)\":0" } + [#""m\u0031":0"#, #""m199":0"#, #""m200":0"#]
        let document = try JSONDocument(Array("{\(names.joined(separator: ","))}".utf8))
        #expect(document.repeated == RepeatedMembers(outside: "/m1"))
    }

    @Test func keepsOnePlaceOfEachMessageInWhichSomethingIsRepeated() throws {
        let item = #"{"":1,"":2,"a":{"b":1,"b":2,"b":3}}"#
        let document = try JSONDocument(
            Array(#"{"messages":[\#(item),{},\#(item)],"x":{"y":1,"y":2,"z":1,"z":2}}"#.utf8)
        )
        #expect(
            document.repeated == RepeatedMembers(outside: "/x/y", inMessages: [0: "/messages/0/", 2: "/messages/2/"])
        )
    }

    /// Were a pointer built for each, they would fill the memory of the machine.
    @Test func aLongNameAroundManyRepetitionsIsRefused() throws {
        let members = Array(repeating: #""a":1"#, count: 1000).joined(separator: ",")
        let text = "{\"\(String(repeating: "n", count: 15 << 20))\":{\(members)}}"
        let problem = #expect(throws: Problem.self) { try JSONDocument(Array(text.utf8)) }
        #expect(problem?.errors.map(\.pointer) == [""])
        _ = try JSONDocument(Array("{\"\(String(repeating: "n", count: 1024))\":1}".utf8))
        #expect(throws: Problem.self) { try JSONDocument(Array("{\"\(String(repeating: "n", count: 1025))\":1}".utf8)) }
    }

    /// A dictionary of Swift would take them for one.
    @Test(arguments: [
        ["\u{E4}", "a\u{308}"], ["a\u{308}", "\u{E4}"], [#"\u00e4"#, "a\u{308}"], ["a", "b", #"a\u0308"#, "\u{E4}"],
    ])
    func takesOneNameWrittenInTwoWaysForOne(_ names: [String]) throws {
        for more in [0, 40] {
            let all = (0..<more).map { "m\($0)" } + names
            let text = "{\(all.map { "\"\($0)\":\"\"" }.joined(separator: ","))}"
            let problem = #expect(throws: Problem.self) { try JSONDocument(Array(text.utf8)).requireUnique() }
            #expect(problem?.errors.map(\.detail) == ["is given twice"])
        }
    }

    @Test func quotesTheBeginningOfALongName() {
        let fault = JSONFault.unknown("e" + String(repeating: "\u{301}", count: 500), known: ["a"])
        #expect(fault.detail.unicodeScalars.count < 120)
        #expect(JSONFault.unknown("subjekt", known: ["a"]).detail == "unknown member 'subjekt'; known are a")
    }

    @Test(arguments: [
        #""\"\\\/\b\f\n\r\t\u00e4\u0041 ä""#, #""\ud83d\ude00\uD834\udd1e""#, #""a\u0000b""#, #""""#, #""plain""#,
    ])
    func readsStringsAsFoundationDoes(_ text: String) throws {
        let expected = try JSONDecoder().decode(String.self, from: Data(text.utf8))
        #expect(try JSONDocument(Array(text.utf8)).root.string() == expected)
    }

    @Test func keepsWhatItDoesNotUnderstand() throws {
        let document = try JSONDocument(Array(#"{"a": {"b": [1, "x\n", null]} , "c":"d" }"#.utf8))
        var texts: [String] = []
        try document.root.members { _, value in texts.append(value.verbatim) }
        #expect(texts == [#"{"b": [1, "x\n", null]}"#, #""d""#])
    }

    /// Whatever is cut off or changed, the scanner takes nothing that Foundation refuses.
    /// A mail is filled twice: when it is accepted, and from what was stored when it is sent.
    @Test(arguments: ["1e3", "-0.0", "0.1", "1232283945061728.32e2", "9.3e18", "1e300", "12345678901234567890"])
    func aTemplatesNumbersAreThoseThatAreStored(_ text: String) throws {
        let value = try JSONDocument(Array(text.utf8)).root.templateValue()
        let stored = try JSONDecoder().decode(TemplateValue.self, from: JSONEncoder().encode(value))
        #expect(stored == value)
    }

    @Test func isStricterThanFoundation() {
        let text = Array(#"{"a":[1,-2.5e3,"x\n\u00e4\ud83d\ude00",{"b":null}],"c":{"d":true},"e":"ä"}"#.utf8)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            var bytes = Array(text.prefix(Int.random(in: 0...text.count, using: &generator)))
            for _ in 0..<Int.random(in: 0...2, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[place] = Array("{}[]\",:\\u0a1 \n".utf8).randomElement(using: &generator) ?? 0
            }
            guard (try? JSONParser(bytes)) != nil, (try? UTF8Span(validating: bytes.span)) != nil else {
                continue
            }
            #expect(throws: Never.self) {
                try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            }
        }
    }
}
