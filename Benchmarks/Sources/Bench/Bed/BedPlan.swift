import Measure

/// What a cell needs: an account with its simulator, shares, tenants and nodes.
struct BedPlan: Sendable {
    var rate = 50
    /// In the simulator's words, such as `30ms..80ms`.
    var latency = "0ms"
    var shares = [SharePlan("all", rate: 50, ceiling: nil)]
    /// Each may send through every share; with many tenants each has a lane of its own in each share.
    var tenants = 1
    /// Of tenants by their numbers, as YAML.
    var limits: [Int: String] = [:]
    var nodes = 1
    /// Whether each node reaches PostgreSQL through a proxy that can be cut.
    var isProxied = false
    /// Of each node, in order; empty: all of them have all.
    var roles: [String] = []
    /// Keys of the nodes' configuration file; `FOLDER` stands for the cell's folder.
    var configuration = ""
    /// Files of the cell's folder that only their owner may read, by name.
    var secrets: [String: String] = [:]
    /// The program of the cell; nil: the one that is measured.
    var program: String?
    /// Members of the account besides its quota and shares, as lines of YAML.
    var account: [String] = []
    /// More of each node's environment, by its number.
    var environment: @Sendable (Int) -> [String: String] = { _ in [:] }
    /// A folder that is there and stays; nil: one that goes with the cell.
    var folder: String?
    /// More arguments of the simulator, from the nodes' public ports and the cell's folder.
    var simulator: @Sendable ([Int], String) -> [String] = { _, _ in [] }

    /// For mail of which more bounces than an account would bear: nobody is warned, slowed or paused for it.
    static let anyReputation = "reputation: {minimum_sent: 1000000}"

    /// What a node does; nil: everything.
    func roles(of node: Int) -> Set<String>? {
        roles.isEmpty ? nil : Set(roles[node - 1].split(separator: ",").map(String.init))
    }

    /// The document for `sluice apply`.
    func yaml(endpoint: String, rate: Int? = nil, shares: [SharePlan]? = nil) -> String {
        let shares = shares ?? self.shares
        let routes = shares.map { "\($0.name): main/\($0.name)" }.joined(separator: ", ")
        var lines = [
            "accounts:",
            "  - name: main",
            "    aws_region: eu-central-1",
            "    endpoint: \(endpoint)",
            "    quota: {rate: \(rate ?? self.rate), daily: 100000000}",
            "    shares:",
        ]
        lines += shares.map { "      \($0.yaml)" }
        lines += account.map { "    \($0)" }
        guard tenants > 0 else { return lines.joined(separator: "\n") + "\n" }
        lines.append("tenants:")
        for number in 0..<tenants {
            lines += [
                "  - name: t\(number)",
                "    from_domains: [t\(number).example]",
                "    default_region: \(shares[0].name)",
                "    regions: {\(routes)}",
            ]
            if let limits = limits[number] { lines.append("    limits: \(limits)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
