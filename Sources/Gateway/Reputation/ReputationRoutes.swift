import Coding
import Directory
import Hummingbird
import Reputation

/// `/reputation`: how the tenant stands at its accounts, and how it ends a pause.
struct ReputationRoutes: Sendable {
    let standings: any StandingKeeping
    let bodies: BodyReader

    func add(to group: RouterGroup<TenantContext>) {
        group.get("reputation") { request, context in
            _ = try RequestQuery(request)
            return try await show(context)
        }
        group.post("reputation/resume") { request, context in try await resume(request, context) }
    }

    private func show(_ context: TenantContext) async throws -> Response {
        let own = try await standings.standings(tenantID: context.tenant.id)
        return Response(.object([("data", .array(own.map { .object($0.members) }))]))
    }

    private func resume(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let wanted = try await bodies.decode(
            ResumeRequest.self,
            from: request,
            record: context.record,
            code: .invalidResume
        )
        do {
            _ = try await standings.resume(
                tenantID: context.tenant.id,
                account: wanted.account,
                by: .tenant(acknowledgement: wanted.acknowledge),
                actor: context.actor
            )
        } catch let refusal as StandingResumer.Refusal {
            throw Problem(refusal)
        }
        return try await show(context)
    }
}

/// The body of `POST /reputation/resume`.
private struct ResumeRequest: Decodable {
    private static let lengths = 10...1000

    /// What was done about the cause, in words; kept in the audit.
    let acknowledge: String
    /// Nil: every account.
    let account: String?

    private enum Keys: String, CodingKey, CaseIterable {
        case acknowledge, account
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        acknowledge = try members.decode(String.self, forKey: .acknowledge)
        account = try members.decodeIfPresent(String.self, forKey: .account)
        guard Self.lengths.contains(acknowledge.unicodeScalars.count), !acknowledge.utf8.contains(0) else {
            throw DecodingError.dataCorruptedError(
                forKey: .acknowledge,
                in: members,
                debugDescription: "must say in 10 to 1000 characters what was done about the cause"
            )
        }
    }
}

extension Problem {
    init(_ refusal: StandingResumer.Refusal) {
        switch refusal {
        case .nothingPaused: self.init(.conflict, "nothing is paused for its reputation; see GET /reputation")
        case .accountInDanger(let account):
            self.init(
                .conflict,
                "account \(account) is too near to SES's limits to let this mail go on; ask your operator"
            )
        case .tooSoon(let account, let seconds):
            self.init(
                .conflict,
                "mail through account \(account) was resumed less than a day ago and did harm again; ask your operator, or "
                    + "try again in \((seconds + 3599) / 3600) hours"
            )
        }
    }
}
