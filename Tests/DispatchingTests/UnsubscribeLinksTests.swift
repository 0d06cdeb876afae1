import Mail
import Testing

@testable import Directory
@testable import Dispatching
@testable import Outbox

/// Which copies have a link to unsubscribe, and whose it is.
@Suite struct UnsubscribeLinksTests {
    private static let url = "https://send.example.com"
    private static let key = UnsubscribeKey(Array(repeating: 7, count: 32))

    private static func directory(isOn: Bool = true) -> DirectorySnapshot {
        var tenant = Tenant(
            id: 1,
            name: "apa",
            displayName: nil,
            fromDomains: ["apa.example"],
            defaultRegion: "AT",
            unknownPolicy: .resend,
            status: .active,
            routes: [:]
        )
        tenant.oneClickUnsubscribe = isOn
        let lanes = [(1, 1, "bulk"), (2, 1, "transactional"), (3, 2, "bulk")].map { id, tenant, stream in
            Lane(
                id: Int32(id),
                accountID: 1,
                shareID: 1,
                tenantID: Int32(tenant),
                stream: stream,
                weight: 1,
                name: "main/\(stream)"
            )
        }
        var directory = DirectorySnapshot(version: 1, accounts: [], tenants: [tenant], lanes: lanes, keys: [])
        directory.unsubscribeKey = key
        return directory
    }

    private static func call(lane: Int32 = 1, to emails: [String] = ["Ann@b.example"]) throws -> ClaimedCall {
        let message = try #require(MessageID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000))
        let ids = try emails.indices.map { try #require(message.outbox($0 + 1)) }
        return ClaimedCall(
            claimID: 1,
            entry: emails.count == 1 ? .row(ids[0]) : .message(message),
            laneID: lane,
            priority: .normal,
            rows: zip(ids, emails).map { ClaimedCall.Row(id: $0, email: $1, kind: .to, attempt: 0) },
            sender: "s@apa.example",
            size: 1000,
            isExpired: false,
            isSuperseded: false,
            isSuppressed: false
        )
    }

    @Test func eachCopyOfBulkMailHasItsOwn() throws {
        let call = try Self.call()
        let header = try #require(UnsubscribeLinks.header(of: call, by: Self.directory(), below: Self.url))
        #expect(header.fields.map(\.name) == ["List-Unsubscribe", "List-Unsubscribe-Post"])
        let link = header.fields[0].value
        #expect(link.hasPrefix("<https://send.example.com/u/") && link.hasSuffix(">"))
        let token = link.dropFirst("<https://send.example.com/u/".count).dropLast()
        let said = try #require(Self.key.unsubscription(of: token))
        #expect(said == Unsubscription(tenantID: 1, copy: call.rows[0].id, email: "ann@b.example"))
    }

    @Test func otherMailHasNone() throws {
        func has(_ call: ClaimedCall, _ directory: DirectorySnapshot = Self.directory()) -> Bool {
            UnsubscribeLinks.header(of: call, by: directory, below: Self.url) != nil
        }
        #expect(try has(Self.call()))
        #expect(try !has(Self.call(lane: 2)), "transactional")
        #expect(try !has(Self.call(to: ["a@b.example", "c@b.example"])), "whose would it be")
        #expect(try !has(Self.call(), Self.directory(isOn: false)), "switched off")
        #expect(try !has(Self.call(lane: 3)), "its tenant is gone")
        #expect(try !has(Self.call(lane: 4)), "its lane is gone")
        var keyless = Self.directory()
        keyless.unsubscribeKey = nil
        #expect(try !has(Self.call(), keyless))
    }
}
