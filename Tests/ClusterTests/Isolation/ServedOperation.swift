import Foundation
import Outbound

/// An operation as a running node's `/openapi.json` describes it.
struct ServedOperation: Sendable, CustomStringConvertible {
    struct Body: Sendable {
        let type: String
        let bytes: [UInt8]
    }

    let method: HTTPMethod
    /// With its parameters in braces: `/messages/{id}`.
    let path: String
    /// `tenant_key`, `admin_key`, or nil where no key is asked for.
    let scheme: String?
    /// What a tenant's key must have.
    let scope: String?
    let queryNames: [String]
    /// The bodies that the document shows as examples, and none where one may be left out.
    let bodies: [Body?]

    var description: String { "\(method) \(path)" }

    /// The first part of the path.
    var collection: String { String(path.split(separator: "/").first ?? "") }

    /// The path's parameters, in order.
    var names: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    /// The path with values, which are in the form that paths want.
    func path(_ values: [String: String]) -> String {
        values.reduce(path) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    /// All operations of the document, in an order that does not change.
    ///
    /// - Parameter domain: what its examples send from.
    static func all(of url: String, sendingFrom domain: String = "apa.example") async throws -> [ServedOperation] {
        let answer = try await LocalHTTP.send(.get, url + "/openapi.json")
        let text = String(decoding: answer.body, as: UTF8.self).replacing("apa.example", with: domain)
        guard let document = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
            let paths = document["paths"] as? [String: [String: [String: Any]]]
        else { throw TestFailure("\(url) serves no document") }
        let components = document["components"] as? [String: Any]
        let parameters = components?["parameters"] as? [String: [String: Any]] ?? [:]
        return try paths.flatMap { path, methods in
            try methods.map { try ServedOperation($0, path, $1, parameters: parameters) }
        }.sorted { $0.description < $1.description }
    }

    private init(
        _ method: String,
        _ path: String,
        _ operation: [String: Any],
        parameters: [String: [String: Any]]
    ) throws {
        self.method = HTTPMethod(method.uppercased())
        self.path = path
        let demand = (operation["security"] as? [[String: [String]]])?.first?.first
        scheme = demand?.key
        scope = demand?.value.first
        let own = operation["parameters"] as? [[String: Any]] ?? []
        queryNames = own.compactMap { parameter in
            let name = (parameter["$ref"] as? String)?.split(separator: "/").last.map(String.init)
            let whole = name.flatMap { parameters[$0] } ?? parameter
            return whole["in"] as? String == "query" ? whole["name"] as? String : nil
        }
        guard let body = operation["requestBody"] as? [String: Any] else {
            bodies = [nil]
            return
        }
        var bodies: [Body?] = []
        for (type, media) in body["content"] as? [String: [String: Any]] ?? [:] {
            let examples = media["examples"] as? [String: [String: Any]] ?? [:]
            for example in examples.sorted(by: { $0.key < $1.key }).compactMap({ $0.value["value"] }) {
                let bytes =
                    try (example as? String).map { Array($0.utf8) }
                    ?? Array(JSONSerialization.data(withJSONObject: example, options: .sortedKeys))
                bodies.append(Body(type: type, bytes: bytes))
            }
        }
        guard !bodies.isEmpty else { throw TestFailure("\(method) \(path) takes a body and shows none") }
        if body["required"] as? Bool != true { bodies.append(nil) }
        self.bodies = bodies
    }
}
