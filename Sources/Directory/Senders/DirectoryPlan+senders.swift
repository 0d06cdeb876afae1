import Mail

extension DirectoryPlan {
    /// The rules of the document's tenants speak of what there will be, and nobody claims what is another's.
    func requireSenders(_ document: DirectoryDocument, current: DirectorySnapshot) throws {
        let removed = Set(removal.accounts)
        var regions = Dictionary(uniqueKeysWithValues: current.accounts.values.map { ($0.name, $0.awsRegion) })
        for account in document.accounts { regions[account.name] = account.awsRegion }
        for name in removed { regions[name] = nil }
        for tenant in document.tenants {
            for (index, rule) in tenant.senders.enumerated() {
                guard let problem = Self.problem(of: rule, tenant, regions: regions) else { continue }
                throw DirectoryError(.invalid, "tenant \(tenant.name): senders[\(index)]: \(problem)")
            }
        }
        let named = Set(document.tenants.map(\.name) + removal.tenants)
        let staying = current.tenants.values.filter { !named.contains($0.name) }
        for tenant in staying {
            for rule in tenant.rules.all {
                guard let region = regions[rule.account] else {
                    throw DirectoryError(
                        .conflict,
                        "account \(rule.account) cannot be removed: senders of tenant \(tenant.name) name it; "
                            + "change those first"
                    )
                }
                guard let arn = rule.identityARN, let name = rule.name,
                    let problem = IdentityARN.problem(arn, region: region, sender: name)
                else { continue }
                throw DirectoryError(.conflict, "tenant \(tenant.name): the identity \(arn) \(problem)")
            }
        }
        try refuseClaims(document, staying: staying, current: current)
    }

    /// Tenants whose senders stay as they were are not asked, so that what an older version allowed stands in nobody's way.
    private func refuseClaims(_ document: DirectoryDocument, staying: [Tenant], current: DirectorySnapshot) throws {
        let changed = document.tenants.filter { tenant in
            guard let old = current.tenant(named: tenant.name) else { return true }
            return old.fromDomains != tenant.fromDomains || old.sharedDomains != tenant.sharedDomains
        }
        guard !changed.isEmpty else { return }
        let claims = SenderClaims(
            document.tenants.map(\.claims)
                + staying.map {
                    SenderClaims.Tenant(name: $0.name, senders: $0.fromDomains, shared: Set($0.sharedDomains))
                }
        )
        for tenant in changed {
            if let conflict = claims.conflict(of: tenant.claims) { throw DirectoryError(.conflict, conflict) }
        }
    }

    private static func problem(
        of rule: SenderRule,
        _ tenant: TenantDocument,
        regions: [String: String]
    ) -> String? {
        guard let region = regions[rule.account] else { return "there is no account '\(rule.account)'" }
        if let own = rule.region, tenant.regions[own] == nil, tenant.regions["*"] == nil {
            return "the tenant has no region '\(own)'"
        }
        guard let name = rule.name else { return nil }
        let names = tenant.fromDomains.compactMap { try? SenderName(parsing: $0) }
        guard names.contains(where: { name.isWithin($0) }) else {
            return "\(name.text) is not among the tenant's from_domains"
        }
        return rule.identityARN.flatMap { IdentityARN.problem($0, region: region, sender: name) }
            .map { "identity_arn \($0)" }
    }
}

extension TenantDocument {
    fileprivate var claims: SenderClaims.Tenant {
        SenderClaims.Tenant(name: name, senders: fromDomains, shared: Set(sharedDomains))
    }
}
