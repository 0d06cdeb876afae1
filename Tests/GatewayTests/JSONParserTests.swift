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
        #expect(document.repeated == ["/m1", "/m199"])
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
