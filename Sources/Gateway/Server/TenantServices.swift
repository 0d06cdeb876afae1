public import Directory
public import Mail
public import Outbox

/// Says what the directory holds now; nil before it was ever loaded.
public protocol DirectorySource: Sendable {
    var current: DirectorySnapshot? { get }
}

/// Makes messages durable.
public protocol MessageAccepting: Sendable {
    /// Returns after the commit.
    func accept(_ submission: Submission) async throws(AcceptError) -> Receipt
    /// The answer to an earlier request with the same key; nil when there was none.
    func receipt(for key: IdempotencyKey, tenantID: Int32) async throws(AcceptError) -> Receipt?
}

/// Reads messages for their tenants; nil where the tenant has no such message.
public protocol MessageReading: Sendable {
    /// - Parameter after: of many recipients, those behind this one.
    func message(_ id: MessageID, tenantID: Int32, after: OutboxID?) async throws -> MessageView?
    func events(_ id: MessageID, tenantID: Int32, after: OutboxID?) async throws -> MessageEventPage?
}

/// Takes back what has not been sent; nil where the tenant has no such message.
public protocol MessageCanceling: Sendable {
    func cancel(_ id: MessageID, tenantID: Int32) async throws -> Cancellation.Answer?
}

extension DirectoryCache: DirectorySource {}
extension AcceptWriter: MessageAccepting {}
extension MessageReader: MessageReading {}
extension Cancellation: MessageCanceling {}

/// What the tenant API stands on.
public struct TenantServices: Sendable {
    let directory: any DirectorySource
    let rates: RequestRates
    let acceptor: any MessageAccepting
    let reader: any MessageReading
    let canceler: any MessageCanceling
    let feed: any FeedReading
    let watch: FeedWatch
    let suppressions: any SuppressionKeeping
    let webhooks: WebhookServices
    let templates: TemplateServices
    let broadcasts: any BroadcastAccepting
    let keys: KeyServices
    let lists: any MailListing
    let usage: any UsageReading
    let contents: any ContentReading
    let reports: any ReportReading
    let domains: any DomainKeeping
    let standings: any StandingKeeping
    let erasures: (any AddressErasing)?

    /// - Parameters:
    ///   - watch: runs as a service of its own, and longer than the listener.
    ///   - erasures: without them there is no `/erasures`.
    public init(
        directory: any DirectorySource,
        rates: RequestRates = RequestRates(),
        acceptor: any MessageAccepting,
        reader: any MessageReading,
        canceler: any MessageCanceling,
        feed: any FeedReading,
        watch: FeedWatch,
        suppressions: any SuppressionKeeping,
        webhooks: WebhookServices,
        templates: TemplateServices,
        broadcasts: any BroadcastAccepting,
        keys: KeyServices,
        lists: any MailListing,
        usage: any UsageReading,
        contents: any ContentReading,
        reports: any ReportReading,
        domains: any DomainKeeping,
        standings: any StandingKeeping,
        erasures: (any AddressErasing)? = nil
    ) {
        self.directory = directory
        self.rates = rates
        self.acceptor = acceptor
        self.reader = reader
        self.canceler = canceler
        self.feed = feed
        self.watch = watch
        self.suppressions = suppressions
        self.webhooks = webhooks
        self.templates = templates
        self.broadcasts = broadcasts
        self.keys = keys
        self.lists = lists
        self.usage = usage
        self.contents = contents
        self.reports = reports
        self.domains = domains
        self.standings = standings
        self.erasures = erasures
    }
}
