import Foundation
import Hummingbird
import Testing

@testable import Gateway

/// Who gets at the admin API, and where it is.
@Suite(.timeLimit(.minutes(5))) struct AdminAccessTests {
    static let paths = [
        "/admin/accounts", "/admin/accounts/main", "/admin/accounts/main/shares", "/admin/accounts/main/loans",
        "/admin/nodes", "/admin/queue", "/admin/audit", "/admin/tenants", "/admin/tenants/apa",
        "/admin/tenants/apa/keys", "/admin/tenants/apa/retention",
    ]

    @Test func everythingNeedsAnAdminKey() async throws {
        try await TestOperator.run { node in
            for path in Self.paths {
                for key in [nil, "sa_unknown", String(repeating: "x", count: 300)] {
                    let answer = try await node.request("GET", path, key: key)
                    #expect(answer.status == 401 && answer.code == "invalid_key", "\(path)")
                    #expect(answer.headers["www-authenticate"] == "Bearer")
                }
                let tenant = try await node.request("GET", path, key: TestDirectory.apaKey)
                #expect(tenant.status == 403 && tenant.code == "missing_scope", "\(path)")
                let admin = try await node.request("GET", path)
                #expect(admin.status == 200, "\(path): \(admin.body)")
                #expect(admin.headers["cache-control"] == "no-store")
            }
            for (method, path) in [
                ("PUT", "/admin/accounts/main"), ("PUT", "/admin/accounts/main/shares"),
                ("PATCH", "/admin/accounts/main/shares/AT"), ("POST", "/admin/accounts/main/pause"),
                ("POST", "/admin/accounts/main/resume"), ("PUT", "/admin/tenants/apa"),
                ("DELETE", "/admin/tenants/apa"), ("POST", "/admin/tenants/apa/keys"),
                ("POST", "/admin/tenants/apa/erasures"), ("PUT", "/admin/tenants/apa/retention"),
                ("GET", "/admin/tenants/apa/export"),
            ] {
                #expect(try await node.request(method, path, key: nil, "{}").status == 401, "\(method) \(path)")
                #expect(try await node.request(method, path, key: TestDirectory.apaKey, "{}").status == 403)
            }
            #expect(node.administration.calls.isEmpty)
        }
    }

    @Test func everyRouteThatThereIsNeedsAnAdminKeyAndKnowsItsParameters() async throws {
        try await TestOperator.run { node in
            let routes = RouteNames.of(node.server.routes()).filter { $0.contains(" /admin") }.sorted()
            #expect(routes.count > 25)
            for route in routes {
                let parts = route.split(separator: " ").map(String.init)
                let name =
                    ["tenants": "apa", "accounts": "main", "domains": "apa.example"]
                    .first { parts[1].hasPrefix("/admin/\($0.key)/") }?.value ?? "x"
                let path = parts[1].replacing("{name}", with: name).replacing("{id}", with: KeyAccessTests.id)
                    .replacing("{path}", with: "AT").replacing("{account}", with: "main").replacing("{kind}", with: "x")
                    .replacing("{week}", with: "last")
                #expect(!path.contains("{"))
                let body = ["POST", "PUT", "PATCH"].contains(parts[0]) ? "{}" : nil
                #expect(try await node.request(parts[0], path, key: nil, body).status == 401, "\(route)")
                #expect(
                    try await node.request(parts[0], path, key: TestDirectory.apaKey, body).status == 403,
                    "\(route)"
                )
                let typo = try await node.request(parts[0], path + "?dryrun=true", body)
                #expect(typo.status == 422 && typo.code == "invalid_query", "\(route): \(typo.body)")
            }
            #expect(node.administration.calls.isEmpty)
        }
    }

    @Test func thePublicListenerKnowsNothingOfIt() async throws {
        try await TestGateway.run { gateway in
            for path in ["/admin"] + Self.paths {
                for method in ["GET", "PUT", "PATCH", "POST"] {
                    let answer = try await gateway.request(method, path, key: TestDirectory.adminKey)
                    #expect(answer.status == 404 && answer.code == "not_found", "\(method) \(path)")
                }
            }
        }
    }

    @Test func unknownPathsMethodsAndNames() async throws {
        try await TestOperator.run { node in
            for path in ["/admin", "/admin/x", "/admin/accounts/main/x", "/admin/tenants/apa/x"] {
                #expect(try await node.request("GET", path).status == 404, "\(path)")
            }
            for (method, path, allow) in [
                ("POST", "/admin/accounts", "GET, HEAD"), ("DELETE", "/admin/accounts/main", "GET, HEAD, PUT"),
                ("PATCH", "/admin/accounts/main/shares", "GET, HEAD, PUT"),
                ("GET", "/admin/accounts/main/shares/UK/apa", "PATCH"), ("GET", "/admin/accounts/main/pause", "POST"),
                ("POST", "/admin/tenants/apa", "DELETE, GET, HEAD, PUT"),
                ("PUT", "/admin/tenants/apa/keys", "GET, HEAD, POST"), ("DELETE", "/admin/audit", "GET, HEAD"),
            ] {
                let answer = try await node.request(method, path)
                #expect(answer.status == 405 && answer.code == "method_not_allowed", "\(method) \(path)")
                #expect(answer.headers["allow"] == allow, "\(method) \(path)")
            }
            for (method, path) in [
                ("GET", "/admin/accounts/none"), ("GET", "/admin/accounts/none/shares"),
                ("GET", "/admin/accounts/none/loans"), ("GET", "/admin/tenants/none"),
                ("GET", "/admin/tenants/none/keys"), ("DELETE", "/admin/tenants/none"),
                ("POST", "/admin/tenants/none/keys"), ("GET", "/admin/tenants/%3Cscript%3E"),
                ("GET", "/admin/tenants/..%2F..%2Fetc"),
                ("POST", "/admin/accounts/none/pause"), ("PATCH", "/admin/accounts/none/shares/AT"),
                ("PATCH", "/admin/accounts/main/shares/FR"), ("PATCH", "/admin/accounts/main/shares/AT/apa"),
            ] {
                let answer = try await node.request(method, path, method == "GET" ? nil : "{}")
                #expect(answer.status == 404 && answer.code == "not_found", "\(method) \(path)")
            }
        }
    }

    @Test func aDatabaseThatIsGoneIsSaid() async throws {
        struct Gone: Error {}
        try await TestOperator.run { node in
            for (outage, code) in [(Gone() as any Error, "internal"), (CancellationError(), "draining")] {
                node.administration.set { $0.outage = outage }
                let answer = try await node.request("GET", "/admin/accounts")
                #expect(answer.code == code)
            }
        }
    }
}
