/// What a cluster consists of.
struct ClusterPlan: Sendable {
    struct Account: Sendable {
        var name = "main"
        /// Of the account and of its simulator.
        var rate = 500
        var latency = "20ms..60ms"
        var shares = ["AT": 300, "UK": 100]
        /// The shares as YAML, instead of `shares`.
        var shareTree: String?
        /// Another endpoint than that of a simulator.
        var endpoint: String?
    }

    struct Tenant: Sendable {
        var name = "apa"
        var domains = ["apa.example"]
        var regions = ["AT": "main/AT", "UK": "main/UK"]
        /// `senders`, as YAML.
        var senders = "[]"
    }

    var accounts = [Account()]
    var tenants = [Tenant()]
    /// Further variables of the nodes.
    var environment: [String: String] = [:]

    /// The document for `sluice apply`.
    func yaml(endpoints: [String: String]) -> String {
        var lines = ["accounts:"]
        for account in accounts {
            let shares = account.shares.sorted { $0.key < $1.key }.map { "\($0): {rate: \($1)}" }
            lines += [
                "  - name: \(account.name)",
                "    aws_region: eu-central-1",
                "    endpoint: \(account.endpoint ?? endpoints[account.name] ?? "")",
                "    quota: {rate: \(account.rate), daily: 1000000}",
                "    shares: \(account.shareTree ?? "{\(shares.joined(separator: ", "))}")",
            ]
        }
        lines += ["tenants:"]
        for tenant in tenants {
            let regions = tenant.regions.sorted { $0.key < $1.key }
            lines += [
                "  - name: \(tenant.name)",
                "    from_domains: [\(tenant.domains.map { "\"\($0)\"" }.joined(separator: ", "))]",
                "    default_region: \(regions.first?.key ?? "")",
                "    regions: {\(regions.map { "\($0): \($1)" }.joined(separator: ", "))}",
                "    senders: \(tenant.senders)",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
