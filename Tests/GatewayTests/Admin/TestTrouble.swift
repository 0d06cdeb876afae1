import Foundation
import Gateway
import Mail
import Outbox
import Synchronization
import Webhooks

/// Dead letters and failed webhooks in memory.
final class TestTrouble: TroubleReading, AgainSending, WebhookTroubleReading {
    static let recipient = OutboxID("018f0000-0000-7000-8000-000000000001")
    static let other = OutboxID("018f0000-0000-7000-8000-000000000002")
    static let endpoint = UUID()

    private let state = Mutex((filters: [TroubleFilter](), sent: [OutboxID](), actors: [String]()))

    var filters: [TroubleFilter] { state.withLock { $0.filters } }
    var sent: [OutboxID] { state.withLock { $0.sent } }
    var actors: [String] { state.withLock { $0.actors } }

    func recipients(_ filter: TroubleFilter, limit: Int, after: OutboxID?, before: OutboxID?) async throws
        -> ListPage<TroubledRecipient, OutboxID>
    {
        state.withLock { $0.filters.append(filter) }
        guard let id = Self.recipient else { return ListPage(items: []) }
        let items = [
            TroubledRecipient(
                id: id,
                tenantID: 1,
                email: "<script>@b.example",
                status: .failed,
                attempts: 1,
                reason: "MessageRejected: <b>no</b>",
                region: "AT",
                stream: "transactional",
                createdAt: Date(timeIntervalSince1970: 1_790_000_000),
                updatedAt: Date(timeIntervalSince1970: 1_790_000_001),
                isHeld: false
            )
        ]
        // Nothing of these, as far as was looked.
        return filter.status == .rejected ? ListPage(items: [], edge: Self.other) : ListPage(items: items)
    }

    func send(_ ids: [OutboxID], actor: String) async throws -> SendingAgain.Answer {
        state.withLock {
            $0.sent += ids
            $0.actors.append(actor)
        }
        let queued = ids.filter { $0 == Self.recipient }
        let refused = ids.filter { $0 != Self.recipient }.map { ($0, SendingAgain.Refusal.suppressed) }
        return SendingAgain.Answer(queued: queued, refused: Dictionary(refused) { first, _ in first })
    }

    func endpoints() async throws -> [WebhookTrouble.Endpoint] {
        [
            WebhookTrouble.Endpoint(
                id: Self.endpoint,
                tenantID: 1,
                tenant: "apa",
                host: "hooks.example",
                status: "disabled",
                disabledReason: "gone",
                disabledAt: Date(timeIntervalSince1970: 1_790_000_000),
                failingSince: nil,
                failures: 3,
                queued: 0
            )
        ]
    }

    func tenantID(of endpoint: UUID) async throws -> Int32? { endpoint == Self.endpoint ? 1 : nil }

    func failures(tenantID: Int32?, limit: Int, after: UUID?, before: UUID?) async throws
        -> ListPage<WebhookTrouble.Failure, UUID>
    {
        ListPage(items: [], edge: tenantID == nil ? Self.endpoint : nil)
    }
}
