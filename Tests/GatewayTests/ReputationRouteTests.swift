import Foundation
import Gateway
import Reputation
import Testing

/// `/reputation`, its pauses, and what an operator sees.
@Suite(.timeLimit(.minutes(5))) struct ReputationRouteTests {
    private static let words = #"{"acknowledge": "The list of May is deleted"}"#

    @Test func aTenantSeesItsOwn() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", "/reputation")
            let data = try #require(answer.json["data"] as? [[String: Any]])
            #expect(data.map { $0["account"] as? String } == ["main", "second"])
            #expect(data[0]["state"] as? String == "paused" && data[1]["state"] as? String == "ok")
            #expect(data[0]["tenant"] == nil)
            let windows = try #require(data[0]["windows"] as? [String: [String: Any]])
            #expect(windows["hour"]?["bounce_rate"] as? Double == 9 && windows["hour"]?["sent"] as? Int == 1000)
            #expect(windows["day"]?["sent"] as? Int == 0)
            #expect(try await gateway.request("GET", "/reputation", key: nil).status == 401)
            #expect(try await gateway.request("GET", "/reputation?x=1").status == 422)
            let other = try await gateway.request("GET", "/reputation", key: TestDirectory.omvKey)
            #expect((other.json["data"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func aTenantResumesWithAWord() async throws {
        try await TestGateway.run { gateway in
            #expect(try await gateway.json("POST", "/reputation/resume", Self.words).status == 200)
            #expect(
                gateway.standings.asked == [
                    .init(tenantID: 1, account: nil, acknowledgement: "The list of May is deleted")
                ]
            )
            for body in ["{}", #"{"acknowledge": "ok"}"#, #"{"acknowledge": "The list is deleted", "force": true}"#] {
                let answer = try await gateway.json("POST", "/reputation/resume", body)
                #expect(answer.status == 422 && answer.code == "invalid_resume")
            }
            for refusal in [
                StandingResumer.Refusal.nothingPaused, .accountInDanger(account: "main"),
                .tooSoon(account: "main", seconds: 3601),
            ] {
                gateway.standings.refuse(refusal)
                let answer = try await gateway.json("POST", "/reputation/resume", Self.words)
                #expect(answer.status == 409 && answer.code == "conflict")
            }
            #expect(gateway.standings.asked.count == 1)
        }
    }

    @Test func whatIsPausedIsRefused() async throws {
        try await TestGateway.run { gateway in
            let mail = #"{"from": "a@harmful.example", "to": "b@c.example", "subject": "S", "text": "T"}"#
            let answer = try await gateway.send(mail, key: TestDirectory.harmfulKey)
            #expect(answer.status == 403 && answer.code == "tenant_paused")
            #expect((answer.json["detail"] as? String)?.contains("/reputation") == true)
            let batch = try await gateway.json(
                "POST",
                "/send/batch",
                #"{"messages": [\#(mail)]}"#,
                key: TestDirectory.harmfulKey
            )
            #expect(batch.status == 202 && batch.body.contains("tenant_paused"))
        }
    }

    @Test func anOperatorSeesEverybodyAndResumes() async throws {
        try await TestOperator.run { server in
            let all = try await server.request("GET", "/admin/reputation")
            let data = try #require(all.json["data"] as? [[String: Any]])
            #expect(data.map { $0["id"] as? String } == ["main", "main/apa", "main/omv"])
            let paused = try await server.request("GET", "/admin/reputation?state=paused")
            #expect((paused.json["data"] as? [[String: Any]])?.map { $0["tenant"] as? String } == ["apa"])
            #expect(try await server.request("GET", "/admin/reputation?state=bad").status == 422)
            #expect(try await server.request("GET", "/admin/reputation", key: nil).status == 401)
            let unknown = try await server.request("POST", "/admin/reputation/resume", #"{"tenant": "nobody"}"#)
            #expect(unknown.status == 404)
            let resumed = try await server.request("POST", "/admin/reputation/resume", #"{"tenant": "apa"}"#)
            #expect(resumed.status == 200 && resumed.body == #"{"resumed":["main"]}"#)
            #expect(server.standings.asked.map(\.acknowledgement) == [nil])
        }
    }
}
