public import FoundationEssentials
public import Mail
public import Outbox
public import Webhooks

/// Shows what went wrong over all tenants. Newest first; `after` is for older ones, `before` for newer ones.
/// A page may be short although there is more: then it has an `edge`.
public protocol TroubleReading: Sendable {
    func recipients(_ filter: TroubleFilter, limit: Int, after: OutboxID?, before: OutboxID?) async throws
        -> ListPage<TroubledRecipient, OutboxID>
}

/// Sends again what has failed.
public protocol AgainSending: Sendable {
    func send(_ ids: [OutboxID], actor: String) async throws -> SendingAgain.Answer
}

/// The same of webhooks.
public protocol WebhookTroubleReading: Sendable {
    /// Those with trouble first.
    func endpoints() async throws -> [WebhookTrouble.Endpoint]
    func tenantID(of endpoint: UUID) async throws -> Int32?
    func failures(tenantID: Int32?, limit: Int, after: UUID?, before: UUID?) async throws
        -> ListPage<WebhookTrouble.Failure, UUID>
}

extension TroubleReader: TroubleReading {}
extension SendingAgain: AgainSending {}
extension WebhookTrouble: WebhookTroubleReading {}

/// What the routes for dead letters and failed webhooks stand on.
public struct TroubleServices: Sendable {
    let mail: any TroubleReading
    let again: any AgainSending
    let webhooks: any WebhookTroubleReading
    let replays: any Replaying

    public init(
        mail: any TroubleReading,
        again: any AgainSending,
        webhooks: any WebhookTroubleReading,
        replays: any Replaying
    ) {
        self.mail = mail
        self.again = again
        self.webhooks = webhooks
        self.replays = replays
    }
}
