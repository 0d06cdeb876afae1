import Directory
import Outbox

/// Finds what SES is told of a call besides its message, by the tenant's rules. Costs a look-up for tenants that have none.
struct CallTerms: Sendable {
    private let directory: DirectorySnapshot?
    private let account: Account

    init(_ directory: DirectorySnapshot?, account: Account) {
        self.directory = directory
        self.account = account
    }

    /// A lane or a tenant that is gone leaves all as the account says.
    func of(_ call: ClaimedCall) -> SenderTerms {
        guard let directory, let lane = directory.lanes[call.laneID],
            let rules = directory.tenants[lane.tenantID]?.rules, !rules.isEmpty
        else { return .standard }
        return rules.terms(from: call.sender, account: account.name, region: call.region, stream: lane.stream)
    }
}
