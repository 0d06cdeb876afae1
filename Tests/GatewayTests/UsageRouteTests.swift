import Foundation
import Testing

@testable import Outbox

/// `GET /usage` and `GET /admin/tenants/{name}/usage`.
@Suite(.timeLimit(.minutes(5))) struct UsageRouteTests {
    private static let day = UsageDay(
        day: "2026-02-03",
        region: "AT",
        accepted: 5,
        sent: 4,
        delivered: 3,
        bounced: 1,
        complained: 0
    )
    private static let expected =
        #"{"from":"2026-02-01","to":"2026-02-03","counted_until":"2023-11-14T22:13:20.000Z","data":[{"day":"2026-02-03","#
        + #""region":"AT","accepted":5,"sent":4,"delivered":3,"bounced":1,"complained":0}],"has_more":false,"#
        + #""lanes":[{"lane":"main/AT/apa/transactional","rate":28.44,"blocker":null}]}"#

    private static func fill(_ lists: TestLists) {
        lists.set {
            $0.days[1] = [day]
            // Lane 99 is nobody's.
            $0.rates = [LaneRate(laneID: 10, rate: 28.4361), LaneRate(laneID: 99, rate: 1)]
        }
    }

    @Test func aTenantSeesItsOwn() async throws {
        try await TestGateway.run { gateway in
            Self.fill(gateway.lists)
            let answer = try await gateway.request("GET", "/usage?from=2026-02-01&to=2026-02-03")
            #expect(answer.status == 200 && answer.body == Self.expected)
            let other = try await gateway.request(
                "GET",
                "/usage?from=2026-02-01&to=2026-02-03",
                key: TestDirectory.omvKey
            )
            #expect((other.json["data"] as? [Any])?.isEmpty == true && (other.json["lanes"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func anAdminSeesATenants() async throws {
        try await TestOperator.run { node in
            Self.fill(node.lists)
            let answer = try await node.request("GET", "/admin/tenants/apa/usage?from=2026-02-01&to=2026-02-03")
            #expect(answer.status == 200 && answer.body == Self.expected)
            #expect(try await node.request("GET", "/admin/tenants/nobody/usage").status == 404)
            #expect(try await node.request("GET", "/admin/tenants/apa/usage", key: nil).status == 401)
            #expect(try await node.request("GET", "/admin/tenants/apa/usage", key: TestDirectory.apaKey).status == 403)
        }
    }

    @Test func daysHaveDefaults() async throws {
        try await TestGateway.run { gateway in
            _ = try await gateway.request("GET", "/usage?to=2026-03-01")
            _ = try await gateway.request("GET", "/usage?from=2026-02-28&to=2026-02-28")
            #expect(gateway.lists.asked.ranges == ["2026-01-31...2026-03-01", "2026-02-28...2026-02-28"])
            let today = try await gateway.request("GET", "/usage").json
            let (from, to) = (today["from"] as? String ?? "", today["to"] as? String ?? "")
            #expect(from.count == 10 && from < to)
            gateway.lists.set { $0.next = "2026-02-02" }
            let cut = try await gateway.request("GET", "/usage").json
            #expect(cut["has_more"] as? Bool == true && cut["next"] as? String == "2026-02-02")
        }
    }

    @Test(arguments: [
        ("from=", "from"), ("from=2026-02-30", "from"), ("to=2026-2-3", "to"), ("to=2026-02-03T00:00:00Z", "to"),
        ("from=1969-12-31", "from"), ("from=0000-01-01", "from"), ("from=2026-02-04&to=2026-02-03", "from"),
        ("from=9999-12-31", "from"), ("day=2026-02-03", "day"), ("to=%00", "control"),
        ("from=2026-02-03&from=2026-02-04", "from"),
    ])
    func badDaysAreNamed(_ query: String, _ name: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", "/usage?\(query)")
            #expect(answer.status == 422 && answer.code == "invalid_query", "\(query)")
            #expect((answer.json["detail"] as? String ?? "").contains(name))
        }
    }
}
