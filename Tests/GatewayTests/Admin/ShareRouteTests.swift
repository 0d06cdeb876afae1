import Foundation
import Testing

@testable import Directory

@Suite(.timeLimit(.minutes(5))) struct ShareRouteTests {
    static let path = "/admin/accounts/main/shares"
    static let tree = #"{"shares": {"AT": {"rate": 25, "lend": false}, "UK": {"rate": 10}}}"#

    private func share(_ answer: TestAnswer, _ path: String...) -> [String: Any] {
        path.reduce(answer.json) { ($0["shares"] as? [String: Any])?[$1] as? [String: Any] ?? [:] }
    }

    @Test func showsTheTreeWithLiveFigures() async throws {
        try await TestOperator.run { node in
            let answer = try await node.request("GET", Self.path)
            #expect(answer.headers["etag"] == "\"7\"")
            #expect(answer.json["version"] as? Int == 7)
            let live = try #require(answer.json["live"] as? [String: Any])
            #expect(live["rate"] as? Int == 50 && live["leader"] as? String == "node-a")
            #expect(live["granted"] as? Int == 150, "of five shares, the account's own among them")
            #expect((answer.json["own"] as? [String: Any])?["granted"] as? Int == 30)
            let at = share(answer, "AT")
            #expect(at["rate"] as? Int == 30 && at["ceiling"] as? Int == 30 && at["lend"] as? Bool == false)
            #expect(share(answer, "UK")["ceiling"] as? Int == 20)
            #expect(share(answer, "other")["ceiling"] is NSNull)
            #expect(share(answer, "UK", "apa")["rate"] as? Int == 6)
            let figures = try #require(share(answer, "UK", "apa")["live"] as? [String: Any])
            #expect(figures["granted"] as? Int == 30 && figures["used"] as? Double == 28.4)
            #expect(figures["borrowed"] as? Int == 2 && figures["lent"] as? Int == 1)
            #expect(figures["backlog"] as? Int == 17 && figures["oldest_at"] as? String == "2025-10-09T08:53:20.000Z")
        }
    }

    @Test func anAnswerCanBeSentBackAsItIs() async throws {
        try await TestOperator.run { node in
            let tree = try await node.request("GET", Self.path).body
            let answer = try await node.request("PUT", Self.path + "?dry_run=true", ifMatch: "\"7\"", tree)
            #expect(answer.body == #"{"changes":[],"version":7}"#)
        }
    }

    @Test func replacesTheTreeAtItsVersionOnly() async throws {
        try await TestOperator.run { node in
            let missing = try await node.request("PUT", Self.path, Self.tree)
            #expect(missing.status == 428 && missing.code == "version_required")
            for stale in ["\"6\"", "W/\"7\"", "\"x\"", "\"5\", \"6\"", "\"99999999999999999999\""] {
                let answer = try await node.request("PUT", Self.path, ifMatch: stale, Self.tree)
                #expect(answer.status == 412 && answer.code == "stale_version", "\(stale)")
                #expect((answer.json["detail"] as? String)?.contains("version 7") == true)
            }
            for malformed in ["", ",", "\"7", "x", "7x", "W/7", "*, \"7\"", "\"7\" \"8\""] {
                let answer = try await node.request("PUT", Self.path, ifMatch: malformed, Self.tree)
                #expect(answer.status == 400 && answer.code == "invalid_request", "'\(malformed)'")
            }
            let done = try await node.request("PUT", Self.path, ifMatch: "\"3\" , \"7\"", Self.tree)
            #expect(done.status == 200, "\(done.body)")
            #expect(done.headers["etag"] == "\"8\"")
            #expect(share(done, "AT")["rate"] as? Int == 25)
            #expect((done.json["shares"] as? [String: Any])?.keys.sorted() == ["AT", "UK"])
            let changes = try #require(done.json["changes"] as? [[String: Any]])
            #expect(
                changes.contains {
                    $0["action"] as? String == "delete" && $0["object"] as? String == "share main/other"
                }
            )
            #expect(try await node.request("PUT", Self.path, ifMatch: "7", Self.tree).status == 412)
            #expect(try await node.request("PUT", Self.path, ifMatch: "8", Self.tree).status == 200)
            #expect(try await node.request("PUT", Self.path, ifMatch: "*", Self.tree).status == 200)
            #expect(node.administration.calls.last?.version == .existing)
            #expect(node.administration.calls.last?.actor.hasPrefix("admin ops, key ") == true)
        }
    }

    @Test func aDryRunAnswersWhatWouldChange() async throws {
        try await TestOperator.run { node in
            let answer = try await node.request("PUT", Self.path + "?dry_run=true", Self.tree)
            #expect(answer.status == 200)
            #expect(answer.json["version"] as? Int == 7)
            let changes = try #require(answer.json["changes"] as? [[String: String]])
            #expect(
                changes.first == [
                    "action": "change", "object": "share main/AT",
                    "detail": "rate 30 -> 25, ceiling 30 -> 25, weight 30 -> 25",
                ]
            )
            #expect(try await node.request("PUT", Self.path + "?dry_run=true", ifMatch: "6", Self.tree).status == 412)
            let patch = try await node.request("PATCH", Self.path + "/AT?dry_run=true", #"{"rate": 29}"#)
            #expect(patch.json["version"] as? Int == 7)
            for query in ["dryrun=true", "dry_run=yes", "dry_run", "dry_run=true&dry_run=false", "limit=1"] {
                let answer = try await node.request("PUT", Self.path + "?" + query, ifMatch: "7", Self.tree)
                #expect(answer.status == 422 && answer.code == "invalid_query", "\(query)")
            }
            #expect(!node.administration.calls.contains { !$0.dryRun })
            #expect(share(try await node.request("GET", Self.path), "AT")["rate"] as? Int == 30)
        }
    }

    @Test func changesOneShare() async throws {
        try await TestOperator.run { node in
            let answer = try await node.request("PATCH", Self.path + "/UK/apa", #"{"rate": 4, "lend": false}"#)
            #expect(answer.status == 200, "\(answer.body)")
            #expect(share(answer, "UK", "apa")["rate"] as? Int == 4)
            #expect(share(answer, "UK", "apa")["weight"] as? Int == 4)
            #expect(answer.headers["etag"] == "\"8\"")
            let encoded = try await node.request("PATCH", Self.path + "/UK%2Fapa", ifMatch: "8", #"{"ceiling": null}"#)
            #expect(share(encoded, "UK", "apa")["ceiling"] is NSNull)
            #expect(share(encoded, "UK", "apa")["rate"] as? Int == 4)
            #expect(try await node.request("PATCH", Self.path + "/AT", ifMatch: "8", #"{"rate": 1}"#).status == 412)
            #expect(try await node.request("PATCH", Self.path + "/AT", ifMatch: "x", #"{"rate": 1}"#).status == 400)
        }
    }

    @Test(arguments: [
        (#"{"AT": {"rate": 41}, "UK": {"rate": 10}}"#, "/shares", "add up to 51 (AT 41 + UK 10)"),
        (#"{"AT": {"rate": 4, "shares": {"a": {"rate": 5}}}}"#, "/shares/AT", "add up to 5 (a 5), more than its 4"),
        (#"{"AT": {"rate": 4, "shares": {"a": {"rate": 0}}}}"#, "/shares/AT/shares/a", "rate 0 needs a ceiling"),
        (#"{"AT": {"rate": -4}}"#, "/shares/AT", "rate -4"),
        (#"{"AT": {"rate": 0.5}}"#, "/shares/AT/rate", "whole number"),
        (#"{"AT": {"rate": "4"}}"#, "/shares/AT/rate", "whole number"),
        (#"{"AT": {"rate": 10000000000}}"#, "/shares", "add up to"),
        (#"{"AT": {}}"#, "/shares/AT/rate", "required"),
        (#"{"AT": {"rate": 4, "cieling": 5}}"#, "/shares/AT/cieling", "unknown member"),
        (#"{"AT": {"rate": 4, "lend": "no"}}"#, "/shares/AT/lend", "true or false"),
        (#"{"AT": {"rate": 4}, "AT": {"rate": 5}}"#, "/shares/AT", "twice"),
        (#"{"AT": {"rate": 4, "rate": 5}}"#, "/shares/AT/rate", "twice"),
        (#"{"A/T": {"rate": 4}}"#, "/shares/A/shares/T", "a name is"),
        (#"{"": {"rate": 4}}"#, nil, "a name is"),
        (#"{"AT": 4}"#, "/shares/AT", "must be an object"),
        ("[]", "/shares", "must be an object"), ("null", "/shares", "must not be null"),
    ])
    func refusesBadTrees(shares: String, pointer: String?, detail: String) async throws {
        try await TestOperator.run { node in
            for query in ["", "?dry_run=true"] {
                let body = #"{"shares": \#(shares)}"#
                let answer = try await node.request("PUT", Self.path + query, ifMatch: "7", body)
                #expect(answer.status == 422 && answer.code == "invalid_shares", "\(answer.body)")
                if let pointer { #expect(answer.pointers == [pointer]) }
                #expect((answer.json["detail"] as? String)?.contains(detail) == true, "\(answer.body)")
            }
            #expect(try await node.request("GET", Self.path).headers["etag"] == "\"7\"")
        }
    }

    @Test(arguments: [
        ("/AT", #"{"rate": 31}"#, "/rate", "add up to 51"), ("/UK", #"{"rate": 5}"#, "/rate", "add up to 6"),
        ("/UK", #"{"ceiling": 9}"#, "/ceiling", "ceiling 9 is below its rate 10"),
        ("/UK", #"{"weight": 0}"#, "/weight", "weight 0"), ("/UK", #"{"rate": 0.5}"#, "/rate", "whole number"),
        ("/UK", #"{"rate": -1}"#, "/rate", "rate -1"), ("/AT", #"{"rate": 0}"#, "/rate", "needs a ceiling"),
        ("/AT", #"{"rate": 1, "name": "x"}"#, "/name", "unknown member"),
    ])
    func refusesBadChanges(share: String, body: String, pointer: String, detail: String) async throws {
        try await TestOperator.run { node in
            let answer = try await node.request("PATCH", Self.path + share, body)
            #expect(answer.status == 422 && answer.code == "invalid_shares", "\(answer.body)")
            #expect(answer.pointers == [pointer])
            #expect((answer.json["detail"] as? String)?.contains(detail) == true, "\(answer.body)")
        }
    }

    @Test func refusesWhatIsNoJSON() async throws {
        try await TestOperator.run { node in
            #expect(try await node.request("PUT", Self.path, ifMatch: "7", "{").code == "invalid_json")
            #expect(try await node.request("PUT", Self.path, ifMatch: "7", "").code == "invalid_json")
            #expect(try await node.request("PUT", Self.path, ifMatch: "7", "{}").pointers == ["/shares"])
            let type = try await node.request("PUT", Self.path, ifMatch: "7", type: "text/yaml", Self.tree)
            #expect(type.status == 415)
            #expect(node.administration.calls.isEmpty)
        }
    }

    @Test func queuedMailIsAConflict() async throws {
        try await TestOperator.run { node in
            node.administration.set {
                $0.refusal = DirectoryError(.conflict, "mail is still queued for share main/UK (3)")
            }
            let answer = try await node.request("PUT", Self.path, ifMatch: "7", Self.tree)
            #expect(answer.status == 409 && answer.code == "conflict")
            #expect((answer.json["detail"] as? String)?.contains("main/UK (3)") == true)
        }
    }
}
