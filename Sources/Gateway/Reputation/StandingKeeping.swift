public import Reputation

/// Says how tenants stand at their accounts, and lets their mail go on.
public protocol StandingKeeping: Sendable {
    /// A tenant's own, by the accounts' names.
    func standings(tenantID: Int32) async throws -> [Standing]
    /// Everybody's.
    func all() async throws -> [Standing]
    /// Returns the accounts at which the tenant's mail goes on; throws `StandingResumer.Refusal`.
    func resume(
        tenantID: Int32,
        account: String?,
        by hand: StandingResumer.Hand,
        actor: String
    ) async throws -> [String]
}

/// The database's.
public struct StandingServices: StandingKeeping {
    private let reader: StandingReader
    private let resumer: StandingResumer

    public init(reader: StandingReader, resumer: StandingResumer) {
        self.reader = reader
        self.resumer = resumer
    }

    public func standings(tenantID: Int32) async throws -> [Standing] {
        try await reader.standings(tenantID: tenantID)
    }

    public func all() async throws -> [Standing] { try await reader.all() }

    public func resume(
        tenantID: Int32,
        account: String?,
        by hand: StandingResumer.Hand,
        actor: String
    ) async throws -> [String] {
        try await resumer.resume(tenantID: tenantID, account: account, by: hand, actor: actor)
    }
}
