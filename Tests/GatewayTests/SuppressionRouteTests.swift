import Directory
import Foundation
import Gateway
import Testing

/// The tenant's own list of addresses that get no mail.
@Suite(.timeLimit(.minutes(5))) struct SuppressionRouteTests {
    private static func emails(_ answer: TestAnswer) -> [String] {
        (answer.json["data"] as? [[String: Any]] ?? []).compactMap { $0["email"] as? String }
    }

    @Test func isAddedShownAndRemoved() async throws {
        try await TestGateway.run { gateway in
            let added = try await gateway.json("POST", "/suppressions", #"{"email": "Ann+x@Bücher.Example"}"#)
            #expect(added.status == 201)
            #expect(
                added.body
                    == #"{"email":"ann+x@xn--bcher-kva.example","reason":"manual","stream":null,"detail":null,"message_id":null,"#
                    + #""created_at":"2023-11-14T22:13:20.000Z"}"#
            )
            let again = try await gateway.json(
                "POST",
                "/suppressions",
                #"{"email": "ann+x@bücher.example", "reason": "bounce", "detail": "550"}"#
            )
            #expect(again.status == 200)
            #expect(again.body == added.body, "what is there stays")
            for path in [
                "ann+x@xn--bcher-kva.example", "ann%2Bx%40xn--bcher-kva.example", "ANN+X@b%C3%BCcher.example",
            ] {
                let shown = try await gateway.request("GET", "/suppressions/\(path)")
                #expect(shown.status == 200 && shown.body == added.body, "\(path)")
            }
            for path in [
                "ann@xn--bcher-kva.example", "x", "%zz", "%FF", "%00", "Ann%20%3Cann+x@b%C3%BCcher.example%3E",
            ] {
                #expect(try await gateway.request("GET", "/suppressions/\(path)").status == 404, "\(path)")
            }
            #expect(try await gateway.request("DELETE", "/suppressions/ann%2Bx@b%C3%BCcher.example").status == 204)
            #expect(try await gateway.request("DELETE", "/suppressions/ann%2Bx@b%C3%BCcher.example").status == 404)
        }
    }

    @Test(arguments: [
        (#"{}"#, "/email"), (#"{"email": "x"}"#, "/email"), (#"{"email": "A <a@b.example>"}"#, "/email"),
        (#"{"email": ["a@b.example"]}"#, "/email"), (#"{"email": "a@b.example", "reason": "spam"}"#, "/reason"),
        (#"{"email": "a@b.example", "detail": 1}"#, "/detail"),
        (#"{"email": "a@b.example", "detail": "a\u0000b"}"#, "/detail"),
        (#"{"email": "a@b.example", "details": "x"}"#, "/details"),
    ])
    func isRefusedWithThePlace(_ body: String, _ pointer: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.json("POST", "/suppressions", body)
            #expect(answer.status == 422 && answer.code == "invalid_suppression")
            #expect(answer.pointers == [pointer])
        }
    }

    @Test func comesByPagesInBothDirections() async throws {
        try await TestGateway.run { gateway in
            for name in ["c", "a", "e", "b", "d"] {
                _ = try await gateway.json("POST", "/suppressions", #"{"email": "\#(name)@x.example"}"#)
            }
            func page(_ query: String) async throws -> String {
                let answer = try await gateway.request("GET", "/suppressions?\(query)")
                return Self.emails(answer).map { String($0.prefix(1)) }.joined()
                    + (answer.json["has_more"] as? Bool == true ? " and more" : "")
            }
            #expect(try await page("limit=2") == "ab and more")
            #expect(try await page("limit=2&after=b@x.example") == "cd and more")
            #expect(try await page("limit=2&after=D%40x.example") == "e")
            #expect(try await page("limit=2&before=d@x.example") == "bc and more")
            #expect(try await page("limit=2&before=b@x.example") == "a")
            _ = try await page("email=A%2Bx&domain=B%C3%BCcher.example&reason=bounce&limit=1")
            #expect(
                gateway.suppressions.asked.last
                    == SuppressionFilter(prefix: "a+x", domain: "xn--bcher-kva.example", reason: .bounce)
            )
            let stopped = try await gateway.request("GET", "/suppressions?reason=complaint&after=z")
            #expect(stopped.body == #"{"data":[],"has_more":true,"next":"edge@x.example"}"#)
            for query in [
                "after=%00", "before=a%0Ab", "limit=1&%00=1", "email=%7F", "reason=spam", "domain=x", "email=%C3%BC",
                "q=a", "limit=0",
            ] {
                let answer = try await gateway.request("GET", "/suppressions?\(query)")
                #expect(answer.status == 422 && answer.code == "invalid_query", "\(query)")
            }
        }
    }

    @Test func aDomainIsRemovedByNameOnly() async throws {
        try await TestGateway.run { gateway in
            for email in ["a@x.example", "b@x.example", "a@y.example"] {
                _ = try await gateway.json("POST", "/suppressions", #"{"email": "\#(email)"}"#)
            }
            for query in ["", "?", "?domain=", "?domain", "?domain=x", "?email=a@x.example", "?domain=*"] {
                let answer = try await gateway.request("DELETE", "/suppressions\(query)")
                #expect(answer.status == 422 && answer.code == "invalid_query", "\(query)")
            }
            let foreign = try await gateway.request(
                "DELETE",
                "/suppressions?domain=x.example",
                key: TestDirectory.omvKey
            )
            #expect(foreign.body == #"{"removed":0}"#)
            #expect(Self.emails(try await gateway.request("GET", "/suppressions")).count == 3)
            let removed = try await gateway.request("DELETE", "/suppressions?domain=X.example")
            #expect(removed.status == 200 && removed.body == #"{"removed":2}"#)
            #expect(Self.emails(try await gateway.request("GET", "/suppressions")) == ["a@y.example"])
        }
    }

    @Test func isNobodyElses() async throws {
        try await TestGateway.run { gateway in
            _ = try await gateway.json("POST", "/suppressions", #"{"email": "a@x.example"}"#)
            let key = TestDirectory.omvKey
            #expect(try await gateway.request("GET", "/suppressions/a@x.example", key: key).status == 404)
            #expect(try await gateway.request("DELETE", "/suppressions/a@x.example", key: key).status == 404)
            #expect(Self.emails(try await gateway.request("GET", "/suppressions", key: key)) == [])
            #expect(try await gateway.request("GET", "/suppressions/a@x.example").status == 200)
        }
    }
}
