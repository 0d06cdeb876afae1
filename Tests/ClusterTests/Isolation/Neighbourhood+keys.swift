import Foundation
import Outbound
import Testing

/// What keys that are none, or not the right ones, let anybody learn.
extension Neighbourhood {
    /// Paths of an operation with the owner's objects, with the stranger's and with nobody's. What a key may not do has the same
    /// answer for all of them.
    private func paths(_ operation: ServedOperation) -> [String] {
        let values = estate.values(for: operation)
        guard let first = values.first else { return [operation.path([:])] }
        return values.map { operation.path($0.mapValues(\.theirs)) } + [operation.path(first.mapValues(\.nobodys))]
            + [ownPath(operation)].compactMap(\.self)
    }

    /// Asks for all of them, and wants to hear one and the same.
    private func expectRefusal(
        _ caller: Caller,
        _ operation: ServedOperation,
        _ paths: [String],
        _ status: Int,
        _ code: String
    ) async throws -> String? {
        var first: Said?
        for path in paths {
            for body in operation.bodies {
                let answer = try await caller.ask(operation.method, path, body)
                let problem = try? answer.problem()
                #expect(
                    answer.status == status && problem?.code == code,
                    "\(caller.name), \(operation.method) \(path): \(answer.status) \(answer.text)"
                )
                #expect(first == nil || answer.said() == first, "\(caller.name), \(operation.method) \(path)")
                first = answer.said()
            }
        }
        return first?.body
    }

    /// Without a key, with one that was mistyped, cut off, made up or revoked, nothing is told but that.
    func askWithoutKey() async throws {
        let key = try #require(owner.key)
        let revoked = try await owner.make(.post, "/keys", #"{"name": "revoked"}"#)
        try await owner.make(.delete, "/keys/\(try revoked.string("id"))")
        let middle = key.index(key.startIndex, offsetBy: 20)
        let forged = key[..<middle] + (key[middle] == "x" ? "y" : "x") + key[key.index(after: middle)...]
        let keys: [(String, String?)] = [
            ("no key", nil), ("a key cut off", String(key.dropLast())), ("a forged key", String(forged)),
            ("a key and more", key + "0"), ("the other prefix", key.replacing("sk_live_", with: "sk_test_")),
            ("an admin's prefix", key.replacing("sk_live_", with: "sa_")),
            ("the beginning of a key", String(key.prefix(12))),
            ("two keys", "\(key), Bearer \(key)"), ("a revoked key", try revoked.string("key")),
            ("SQL", "' OR 1=1 --"),
        ]
        for (name, key) in keys {
            let caller = Caller(name: name, url: node.url, key: key)
            for operation in operations {
                _ = try await expectRefusal(caller, operation, paths(operation), 401, "invalid_key")
            }
        }
    }

    /// A key with one scope gets nothing from what asks for another, which is named.
    func askWithOneScope() async throws {
        let scopes = Set(operations.compactMap(\.scope))
        #expect(scopes == ["send", "read", "webhooks", "suppressions", "templates", "keys", "content"])
        let none = ServedOperation.Body(type: "application/json", bytes: Array(#"{"scopes": []}"#.utf8))
        #expect(try await stranger.ask(.post, "/keys", none).status == 422, "no key has no scope")
        for scope in scopes.sorted() {
            let made = try await stranger.make(.post, "/keys", #"{"name": "\#(scope)", "scopes": ["\#(scope)"]}"#)
            let caller = Caller(name: "a key for \(scope)", url: node.url, key: try made.string("key"))
            for operation in operations where operation.scope != scope {
                let body = try await expectRefusal(caller, operation, paths(operation), 403, "missing_scope")
                #expect(body?.contains("'\(operation.scope ?? "")'") == true, "\(operation): \(body ?? "")")
            }
        }
    }

    /// The two APIs have nothing in common: neither listener takes the other one's keys, and the public one has no admin API.
    func askWithTheOtherKey() async throws {
        let text = try await cluster.command("key", "create", "--admin", "walk", "--json").succeed()
        let admin = try JSONObject(text: text).string("key")
        let operators = "http://127.0.0.1:\(node.ports.operators)"
        let theirs = try await ServedOperation.all(of: operators).filter { $0.scheme == "admin_key" }
        #expect(theirs.count > 20)
        try await eventually("the admin's key works") {
            try await Caller(name: "admin", url: operators, key: admin).ask(.get, "/admin/tenants/quokka").status == 200
        }
        for operation in operations {
            let caller = Caller(name: "an admin's key", url: node.url, key: admin)
            _ = try await expectRefusal(caller, operation, paths(operation), 403, "missing_scope")
        }
        for operation in theirs {
            let paths = ["quokka", "quokka-side", Estate.otherWord].map { name in
                operation.path(Dictionary(uniqueKeysWithValues: operation.names.map { ($0, name) }))
            }
            for key in [nil, stranger.key, owner.key, admin] {
                let here = Caller(name: "on the public listener", url: node.url, key: key)
                _ = try await expectRefusal(here, operation, paths, 404, "not_found")
            }
            let nobody = Caller(name: "nobody", url: operators, key: nil)
            _ = try await expectRefusal(nobody, operation, paths, 401, "invalid_key")
            for key in [stranger.key, owner.key] {
                let tenant = Caller(name: "a tenant's key", url: operators, key: key)
                _ = try await expectRefusal(tenant, operation, paths, 403, "missing_scope")
            }
        }
    }
}
