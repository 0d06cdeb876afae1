import Directory
import HTTPTypes
import Hummingbird
import Identities
import Mail

/// `/admin/domains`: every tenant's senders; and `/admin/accounts/{name}/identities`, by which one is registered with SES.
struct DomainAdminRoutes: Sendable {
    let services: AdminServices
    let bodies: AdminBodyReader

    func add(to group: RouterGroup<AdminContext>) {
        let domains = group.group("domains")
        domains.get { request, _ in try await list(request) }
        domains.get(":name") { request, context in try await get(request, context) }
        domains.post(":name/verify") { request, context in try await verify(request, context) }
        group.post("accounts/:name/identities") { request, context in try await register(request, context) }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try PageQuery<String>(request, filters: ["tenant"])
        let directory = try await services.latestDirectory()
        var tenants = Array(directory.tenants.values)
        if let name = query.filters["tenant"] {
            guard let tenant = directory.tenant(named: name) else {
                throw Problem.notFound("there is no tenant '\(name)'")
            }
            tenants = [tenant]
        }
        let names = Set(tenants.flatMap(\.fromDomains).compactMap { try? SenderName(parsing: $0) }).sorted()
        let page = query.page(of: names, by: \.text)
        let rows = try await services.domains.identities(of: page.items.map(\.text))
        return Response(page.json { Self.json($0, directory: directory, rows: rows) })
    }

    private func get(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        return try await answer(try Self.sender(context))
    }

    /// Answers how it stood before: the check follows within seconds.
    private func verify(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        let sender = try Self.sender(context)
        try await services.domains.checkAgain(sender.text)
        return try await answer(sender, status: .accepted)
    }

    /// Answers when it is written down: a node with the account's credentials asks SES within seconds.
    private func register(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        let account = try await services.account(context.name)
        let wanted = try await bodies.read(
            RegistrationRequest.self,
            from: request,
            context: context,
            code: .invalidIdentity
        )
        try await services.domains.register(
            wanted.sender.text,
            accountID: account.id,
            mailFrom: wanted.mailFrom?.ascii,
            actor: context.actor
        )
        let row = try await services.domains.identities(of: [wanted.sender.text]).first { $0.accountID == account.id }
        return Response(SenderView.AtAccount(wanted.sender, account: account, row: row).json, status: .accepted)
    }

    private func answer(_ sender: SenderName, status: HTTPResponse.Status = .ok) async throws -> Response {
        let directory = try await services.latestDirectory()
        let rows = try await services.domains.identities(of: [sender.text])
        guard !rows.isEmpty || directory.tenants.values.contains(where: { $0.fromDomains.contains(sender.text) }) else {
            throw Self.notFound()
        }
        return Response(Self.json(sender, directory: directory, rows: rows), status: status)
    }

    /// A name with its tenants, and how it stands at each account that one of them sends through, or that it is registered in.
    private static func json(_ sender: SenderName, directory: DirectorySnapshot, rows: [IdentityRow]) -> JSONValue {
        let tenants = directory.tenants.values.filter { $0.fromDomains.contains(sender.text) }
            .sorted { $0.name < $1.name }
        let own = rows.filter { $0.name == sender.text }
        let names = Set(tenants.flatMap(\.sendingAccounts))
            .union(own.compactMap { directory.accounts[$0.accountID]?.name })
        let accounts = names.sorted().compactMap { directory.account(named: $0) }.map { account in
            SenderView.AtAccount(
                sender,
                account: account,
                row: own.first { $0.accountID == account.id },
                identityARN: tenants.lazy.compactMap { $0.identityARN(for: sender, account: account.name) }.first
            )
        }
        return .object([
            ("name", .string(sender.text)),
            ("kind", .string(sender.isAddress ? "address" : "domain")),
            ("shown_as", .string(sender.isAddress ? sender.text : DomainLook(sender.domain).text)),
            ("tenants", .array(tenants.map { .string($0.name) })),
            ("accounts", .array(accounts.map(\.json))),
        ])
    }

    private static func sender(_ context: AdminContext) throws -> SenderName {
        guard let text = PathText.decode(context.name), let sender = try? SenderName(parsing: text) else {
            throw notFound()
        }
        return sender
    }

    private static func notFound() -> Problem { .notFound("no tenant has this domain or address") }
}
