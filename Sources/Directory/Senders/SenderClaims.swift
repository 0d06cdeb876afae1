import Mail

/// Which tenant claims which sender. What one tenant claims, no other may use, also not below it and nothing that looks like it,
/// unless both are said to share it. Pure.
struct SenderClaims {
    struct Tenant {
        let name: String
        let senders: [String]
        let shared: Set<String>
    }

    private struct Claim {
        let tenant: String
        let name: SenderName
        let isShared: Bool
    }

    private var exact: [String: [Claim]] = [:]
    /// Claims of addresses and domains by each domain that they belong to or are below.
    private var within: [DomainName: [Claim]] = [:]
    /// Claims by what their domains look like.
    private var looks: [String: [Claim]] = [:]
    /// By what each domain looks like that they belong to or are below, which is beside them.
    private var looksWithin: [String: [(domain: DomainName, claim: Claim)]] = [:]

    init(_ tenants: [Tenant]) {
        for tenant in tenants {
            for text in tenant.senders {
                guard let name = try? SenderName(parsing: text) else { continue }
                let claim = Claim(tenant: tenant.name, name: name, isShared: tenant.shared.contains(text))
                exact[name.text, default: []].append(claim)
                for domain in [name.domain] + name.domain.parents {
                    within[domain, default: []].append(claim)
                    looksWithin[DomainLook(domain).skeleton, default: []].append((domain, claim))
                }
                looks[DomainLook(name.domain).skeleton, default: []].append(claim)
            }
        }
    }

    /// Why a tenant may not claim what it claims; nil where it may.
    func conflict(of tenant: Tenant) -> String? {
        for text in tenant.senders {
            guard let name = try? SenderName(parsing: text) else { continue }
            let isShared = tenant.shared.contains(text)
            if let other = rival(of: name, for: tenant.name, isShared: isShared) {
                return "tenant \(tenant.name) may not use \(text): \(other.name.text) is tenant \(other.tenant)'s; "
                    + "if that is meant, name each in its tenant's shared_domains"
            }
            if let other = lookAlike(of: name, for: tenant.name, isShared: isShared) {
                return "tenant \(tenant.name) may not use \(text): it looks like \(other.name.text), "
                    + "which is tenant \(other.tenant)'s"
            }
        }
        return nil
    }

    private func rival(of name: SenderName, for tenant: String, isShared: Bool) -> Claim? {
        var claims = exact[name.text] ?? []
        for domain in [name.domain] + name.domain.parents { claims += exact[domain.ascii] ?? [] }
        if !name.isAddress { claims += within[name.domain] ?? [] }
        return claims.first { $0.tenant != tenant && !($0.isShared && isShared) }
    }

    /// One that looks the same, or as if the one were below the other.
    private func lookAlike(of name: SenderName, for tenant: String, isShared: Bool) -> Claim? {
        var claims: [Claim] = []
        for domain in [name.domain] + name.domain.parents {
            claims += (looks[DomainLook(domain).skeleton] ?? []).filter { $0.name.domain != domain }
        }
        claims += (looksWithin[DomainLook(name.domain).skeleton] ?? []).filter { $0.domain != name.domain }.map(\.claim)
        return claims.first { $0.tenant != tenant && !($0.isShared && isShared) }
    }
}
