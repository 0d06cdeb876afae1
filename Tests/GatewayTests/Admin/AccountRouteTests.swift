import Foundation
import Testing

@testable import Directory

@Suite(.timeLimit(.minutes(5))) struct AccountRouteTests {
    static let settings = #"{"aws_region": "eu-west-1", "quota": {"rate": 60, "daily": 100, "even_out": true}}"#

    @Test func listsAndShowsAccounts() async throws {
        try await TestOperator.run { node in
            let list = try await node.request("GET", "/admin/accounts")
            let data = try #require(list.json["data"] as? [[String: Any]])
            #expect(data.map { $0["name"] as? String } == ["main"])
            #expect(list.json["has_more"] as? Bool == false)
            let answer = try await node.request("GET", "/admin/accounts/main")
            #expect(answer.headers["etag"] == "\"7\"")
            #expect(answer.json["quota"] as? [String: Int] == ["rate": 50, "daily": 50000, "even_out": 0])
            #expect(answer.json["credentials"] as? [String: String] == ["profile": "mail"])
            #expect(answer.json["paused"] as? Bool == false)
            #expect((answer.json["live"] as? [String: Any])?["granted"] as? Int == 150)
            #expect(answer.json["shares"] == nil)
        }
    }

    @Test func makesAndReplacesAccounts() async throws {
        try await TestOperator.run { node in
            let dry = try await node.request("PUT", "/admin/accounts/new?dry_run=true", Self.settings)
            #expect(dry.status == 200)
            #expect(dry.body == #"{"changes":[{"action":"create","object":"account new","detail":""}],"version":0}"#)
            let made = try await node.request("PUT", "/admin/accounts/new", Self.settings)
            #expect(made.status == 201)
            #expect(made.headers["etag"] == "\"1\"")
            #expect(made.headers["location"] == "/admin/accounts/new")
            #expect((made.json["quota"] as? [String: Any])?["even_out"] as? Bool == true)
            let replaced = try await node.request("PUT", "/admin/accounts/main", ifMatch: "7", Self.settings)
            #expect(replaced.status == 200)
            #expect(replaced.json["aws_region"] as? String == "eu-west-1")
            #expect(replaced.json["credentials"] is NSNull)
            #expect(try await node.request("PUT", "/admin/accounts/main", ifMatch: "7", Self.settings).status == 412)
            #expect(try await node.request("PUT", "/admin/accounts/main", Self.settings).status == 200)
            let shares = try await node.request("GET", "/admin/accounts/main/shares")
            #expect((shares.json["shares"] as? [String: Any])?.count == 3)
            let list = try await node.request("GET", "/admin/accounts?limit=1")
            #expect(list.json["has_more"] as? Bool == true)
            let next = try await node.request("GET", "/admin/accounts?limit=1&after=main")
            #expect((next.json["data"] as? [[String: Any]])?.map { $0["name"] as? String } == ["new"])
            #expect(next.json["has_more"] as? Bool == false)
        }
    }

    @Test(arguments: [
        (#"{"aws_region": "x"}"#, "/quota", "invalid_account"),
        (#"{"quota": "auto"}"#, "/aws_region", "invalid_account"),
        (#"{"aws_region": "x", "quota": "auto", "paused": true}"#, "/paused", "invalid_account"),
        (#"{"aws_region": "x", "quota": "auto", "shares": {}}"#, "/shares", "invalid_account"),
        (#"{"aws_region": "x", "quota": {"rate": 0}}"#, "/quota/rate", "invalid_account"),
        (#"{"aws_region": "x", "quota": {"rate": -1}}"#, "/quota/rate", "invalid_account"),
        (#"{"aws_region": "x", "quota": {"rate": 5, "daily": 0.5}}"#, "/quota/daily", "invalid_account"),
        (#"{"aws_region": "x", "quota": {"rate": 5, "even_out": true}}"#, "/quota/even_out", "invalid_account"),
        (#"{"aws_region": "x", "quota": "auto", "window": "half"}"#, "/window", "invalid_account"),
        (#"{"aws_region": "x\u0000", "quota": "auto"}"#, "/aws_region", "invalid_account"),
        (#"{"aws_region": "x", "quota": "auto", "sns_topics": ["\u0000"]}"#, "/sns_topics/0", "invalid_account"),
        (#"{"aws_region": "x", "quota": "auto", "sqs_queue_url": "sluice"}"#, "/sqs_queue_url", "invalid_account"),
        (#"{"aws_region": "x", "quota": "auto", "endpoint": "ftp://x"}"#, "/endpoint", "invalid_account"),
        (#"{"aws_region": "x", "quota": {"rate": 49}}"#, "/quota/rate", "invalid_shares"),
        (#"{"aws_region": "x", "quota": {"rate": 0.5}}"#, "/quota/rate", "invalid_shares"),
    ])
    func refusesBadAccounts(body: String, pointer: String, code: String) async throws {
        try await TestOperator.run { node in
            let answer = try await node.request("PUT", "/admin/accounts/main", body)
            #expect(answer.status == 422 && answer.code == code, "\(answer.body)")
            #expect(answer.pointers == [pointer], "\(answer.body)")
            if code == "invalid_shares" {
                #expect((answer.json["detail"] as? String)?.contains("add up to 50 (AT 30 + UK 10 + other 10)") == true)
            }
        }
    }

    @Test func refusesBadNames() async throws {
        try await TestOperator.run { node in
            let answer = try await node.request("PUT", "/admin/accounts/a%20b", Self.settings)
            #expect(answer.status == 422 && answer.code == "invalid_account")
        }
    }

    @Test func pausesAndResumes() async throws {
        try await TestOperator.run { node in
            let paused = try await node.request("POST", "/admin/accounts/main/pause")
            #expect(paused.status == 200)
            #expect(paused.json["paused"] as? Bool == true && paused.headers["etag"] == "\"8\"")
            #expect(try await node.request("POST", "/admin/accounts/main/pause", ifMatch: "7").status == 412)
            let resumed = try await node.request("POST", "/admin/accounts/main/resume")
            #expect(resumed.json["paused"] as? Bool == false)
            #expect(node.administration.calls.last?.name == "setPaused main false")
        }
    }
}
