import Foundation
import Outbound
import Testing

/// Words that do harm where somebody takes them for more than words.
extension Neighbourhood {
    private static let words = [
        "' OR '1'='1", "'; DROP TABLE message; --", "\\'); DELETE FROM suppression; --", "$1", "%", "_", "*", "\\",
        "{{#each this}}{{@root}}{{/each}}", "{{constructor.constructor}}", "${jndi:ldap://x.example/}", "<script>",
        "..", "../../admin/tenants", "/etc/passwd", "a\r\nX-Injected: 1", "a\u{0}b", "\u{202E}moc", "\u{FEFF}",
        // Cyrillic and full-width letters of the owner's domain.
        "shop@qu\u{43E}kka.example", "shop@\u{FF51}uokka.example", "qu\u{43E}kka.example", "xn--qukka-jua.example",
        "99999999999999999999", "-1", "1e400", "NaN", "019a1f5e-7c1a-7b52-8f41-3d2c5b7a0000'",
        String(repeating: "x", count: 4000),
    ]

    private static func encoded(_ word: String) -> String {
        word.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            if character.isASCII, character.isLetter || character.isNumber { return String(character) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// Each of them in each part of a path, each parameter and each text of a body.
    func askWithHostileWords(_ caller: Caller) async throws {
        for operation in operations {
            for word in Self.words {
                let text = Self.encoded(word)
                for name in operation.names {
                    var values = own[operation.collection] ?? [:]
                    values[name] = text
                    try await expectSense(caller, operation, operation.path(values), operation.bodies[0])
                }
                guard let path = ownPath(operation) else { continue }
                for name in operation.queryNames {
                    try await expectSense(caller, operation, "\(path)?\(name)=\(text)", nil)
                }
                if !operation.queryNames.isEmpty || operation.method == .get {
                    try await expectSense(caller, operation, "\(path)?\(text)=\(text)", nil)
                }
                for body in operation.bodies.compactMap(\.self) where operation.method != .delete {
                    for hostile in try Self.variants(of: body, with: word) {
                        try await expectSense(caller, operation, path, hostile)
                    }
                }
            }
        }
        // What it has itself has not suffered either.
        for operation in operations where operation.method == .get && !operation.names.isEmpty {
            guard let path = ownPath(operation), operation.collection != "messages" else { continue }
            #expect(try await caller.ask(.get, path).status == 200, "\(path)")
        }
    }

    /// Whatever it is, it is understood or refused, and only what was asked for is told.
    private func expectSense(
        _ caller: Caller,
        _ operation: ServedOperation,
        _ path: String,
        _ body: ServedOperation.Body?
    ) async throws {
        let answer = try await caller.ask(operation.method, path, body)
        let question = String(decoding: body?.bytes ?? [], as: UTF8.self)
        let what = "\(operation.method) \(path.prefix(200)) \(question.prefix(500))"
        #expect((200..<500).contains(answer.status), "\(what): \(answer.status) \(answer.text)")
        #expect(!answer.headers.contains("X-Injected"), "\(what)")
        expectNothing(in: "\(answer.said())", to: path + question, caller, what)
    }

    /// The body with one of its texts replaced, for each of them.
    private static func variants(of body: ServedOperation.Body, with word: String) throws -> [ServedOperation.Body] {
        guard body.type == "application/json",
            let object = try JSONSerialization.jsonObject(with: Data(body.bytes)) as? [String: Any]
        else { return [] }
        return try replaced(object, by: word).map { variant in
            let bytes = try JSONSerialization.data(withJSONObject: variant, options: .sortedKeys)
            return ServedOperation.Body(type: body.type, bytes: Array(bytes))
        }
    }

    private static func replaced(_ value: Any, by word: String) -> [Any] {
        switch value {
        case is String: return [word]
        case let object as [String: Any]:
            let inside = object.keys.sorted().flatMap { name in
                replaced(object[name] ?? NSNull(), by: word).map { object.merging([name: $0]) { $1 } as Any }
            }
            return inside + [object.merging([word: word]) { $1 }]
        case let array as [Any]:
            return array.indices.flatMap { index in
                replaced(array[index], by: word).map { element -> Any in
                    var changed = array
                    changed[index] = element
                    return changed
                }
            }
        default: return []
        }
    }

    /// A body in which a member stands twice says two things, and none of them is done; nor is what is nested without end, or
    /// holds a number that no member can have.
    func askWithBadBodies(_ caller: Caller) async throws {
        for operation in operations {
            guard let path = ownPath(operation) else { continue }
            for body in operation.bodies.compactMap(\.self) where body.type == "application/json" {
                let text = String(decoding: body.bytes, as: UTF8.self).dropFirst()
                let object = try JSONSerialization.jsonObject(with: Data(body.bytes)) as? [String: Any] ?? [:]
                for name in object.keys.sorted() {
                    try await expectRefusal(caller, operation, path, "{\"\(name)\":null,\(text)")
                    for number in ["1e400", "99999999999999999999", "-9223372036854775809"] {
                        try await expectRefusal(caller, operation, path, "{\"\(name)\":\(number)}")
                    }
                }
                let deep = String(repeating: #"{"a":"#, count: 10_000)
                try await expectRefusal(caller, operation, path, deep)
                try await expectRefusal(caller, operation, path, "{\"a\u{0}\":1}")
                try await expectRefusal(caller, operation, path, #"{"\u0000":"\u0000"}"#)
            }
        }
    }

    private func expectRefusal(
        _ caller: Caller,
        _ operation: ServedOperation,
        _ path: String,
        _ text: String
    ) async throws {
        let body = ServedOperation.Body(type: "application/json", bytes: Array(text.utf8))
        let answer = try await caller.ask(operation.method, path, body)
        #expect([400, 422].contains(answer.status), "\(operation) with \(text.prefix(200)): \(answer.text)")
    }
}
