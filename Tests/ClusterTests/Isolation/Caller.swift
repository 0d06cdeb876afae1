import Foundation
import Outbound

/// Somebody who asks a node, with a key or without.
struct Caller: Sendable {
    let name: String
    let url: String
    let key: String?

    /// One request. The request's id is always the same, so that two answers can be compared.
    func ask(
        _ method: HTTPMethod,
        _ path: String,
        _ body: ServedOperation.Body? = nil,
        headers: [(String, String)] = []
    ) async throws -> OutboundResponse {
        var fields: HeaderFields = ["X-Request-Id": "walk"]
        if let key { fields.append(name: "Authorization", value: "Bearer \(key)") }
        if let body { fields.append(name: "Content-Type", value: body.type) }
        for (name, value) in headers { fields.append(name: name, value: value) }
        return try await LocalHTTP.send(method, url + path, headers: fields, body: body?.bytes)
    }

    /// A request that has to succeed, with the object that it answers.
    @discardableResult
    func make(
        _ method: HTTPMethod,
        _ path: String,
        _ json: String? = nil,
        type: String = "application/json",
        headers: [(String, String)] = []
    ) async throws -> JSONObject {
        let body = json.map { ServedOperation.Body(type: type, bytes: Array($0.utf8)) }
        let answer = try await ask(method, path, body, headers: headers)
        guard (200..<300).contains(answer.status) else {
            throw TestFailure("\(name): \(method) \(path) answered \(answer.status): \(answer.text)")
        }
        return JSONObject(text: answer.text)
    }
}

/// A JSON object in an answer.
struct JSONObject: Sendable {
    let text: String

    private var members: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }

    /// A member that has to be a string.
    func string(_ name: String) throws -> String {
        guard let value = members[name] as? String else { throw TestFailure("there is no '\(name)' in \(text)") }
        return value
    }

    /// How many elements `data` has; nil where there is none.
    var count: Int? { (members["data"] as? [Any])?.count }

    func number(_ name: String) -> Int? { members[name] as? Int }
}

extension OutboundResponse {
    var text: String { String(decoding: body, as: UTF8.self) }

    /// What two answers to the same question have in common: everything but when they were given, and what is left of the rate.
    func said(replacing words: [(String, String)] = []) -> Said {
        let fields = headers.map { "\($0.name.lowercased()): \($0.value)" }
            .filter { field in !["date:", "ratelimit:"].contains { field.hasPrefix($0) } }
        func plain(_ text: String) -> String { words.reduce(text) { $0.replacing($1.0, with: $1.1) } }
        return Said(status: status, fields: fields.sorted().map(plain), body: plain(text))
    }
}

/// An answer as far as it tells something.
struct Said: Equatable, CustomStringConvertible {
    let status: Int
    let fields: [String]
    let body: String

    var description: String { "\(status) \(fields) \(body)" }
}
