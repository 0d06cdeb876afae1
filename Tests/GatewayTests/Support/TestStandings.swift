import Directory
import Gateway
import Reputation
import Synchronization

/// Standings in memory: of tenant 1 at two accounts, paused at one.
final class TestStandings: StandingKeeping {
    struct Resumed: Equatable {
        let tenantID: Int32
        let account: String?
        /// Nil: an admin's.
        let acknowledgement: String?
    }

    private let resumed = Mutex<[Resumed]>([])
    private let refusal = Mutex<StandingResumer.Refusal?>(nil)

    /// What was asked for, in order.
    var asked: [Resumed] { resumed.withLock { $0 } }

    func refuse(_ refusal: StandingResumer.Refusal?) { self.refusal.withLock { $0 = refusal } }

    private static func paused(_ tenant: String?) -> Standing {
        Standing(
            account: "main",
            tenant: tenant,
            state: .paused,
            reason: "9 % of 1000 mails of the last hour bounced; 8 % is the limit",
            counts: [.hour: MailCounts(sent: 1000, bounced: 90, complained: 1)]
        )
    }

    func standings(tenantID: Int32) async throws -> [Standing] {
        tenantID == 1 ? [Self.paused("apa"), Standing(account: "second", tenant: "apa")] : []
    }

    func all() async throws -> [Standing] {
        [
            Self.paused("apa"), Standing(account: "main", tenant: nil, state: .warned),
            Standing(account: "main", tenant: "omv"),
        ]
    }

    func resume(
        tenantID: Int32,
        account: String?,
        by hand: StandingResumer.Hand,
        actor: String
    ) async throws -> [String] {
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        var words: String?
        if case .tenant(let acknowledgement) = hand { words = acknowledgement }
        resumed.withLock { $0.append(Resumed(tenantID: tenantID, account: account, acknowledgement: words)) }
        return ["main"]
    }
}
