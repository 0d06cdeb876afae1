import Measure

/// A cell of B7.
struct ExactnessCell: Sendable {
    enum System: String, Sendable {
        case sluice
        case alignedGrants = "grants per calendar second"
        case bucket = "token bucket, burst R"
        case splitBuckets = "a bucket of R/N per node"
    }

    enum Latency: String, CaseIterable, Sendable {
        case none = "0 ms"
        case usual = "30-80 ms"

        /// In the simulator's words.
        var range: String { self == .none ? "0ms" : "30ms..80ms" }
        /// In seconds.
        var mean: Double { self == .none ? 0 : 0.055 }
    }

    var system = System.sluice
    var rate: Int
    var nodes: Int
    var latency: Latency
    var fault: Fault?
    /// Tenants, each with a lane in the only share.
    var lanes: Int?

    /// What `--cells` looks at.
    var name: String {
        var parts = ["\(system)", "r\(rate)", "n\(nodes)", latency == .none ? "l0" : "l55"]
        if let fault { parts.append(fault.label) }
        if let lanes { parts.append("lanes\(lanes)") }
        return parts.joined(separator: "-")
    }

    var shares: [SharePlan] {
        if lanes != nil { return [SharePlan("all", rate: rate, ceiling: nil)] }
        guard rate >= 14 else {
            return [SharePlan("AT", rate: rate, ceiling: nil), SharePlan("other", rate: 0, ceiling: nil)]
        }
        return Self.shares(of: rate)
    }

    /// 60 % fixed, 20 % that is lent and may borrow, the rest likewise.
    static func shares(of rate: Int) -> [SharePlan] {
        let (fixed, lending) = (rate * 6 / 10, rate / 5)
        return [
            SharePlan("AT", rate: fixed, ceiling: fixed, lend: false),
            SharePlan("UK", rate: lending, ceiling: nil),
            SharePlan("other", rate: rate - fixed - lending, ceiling: nil),
        ]
    }

    /// Whether its sends are drawn.
    var isDrawn: Bool {
        let drawn = ExactnessMatrix.drawn
        guard rate == drawn.rate, latency == drawn.latency, fault == nil, lanes == nil else { return false }
        return system != .sluice || nodes == drawn.nodes
    }

    /// Recipients of the largest messages: fewer posts where the quota is large.
    var largestMessage: Int { min(50, max(1, rate / 20)) }

    /// The account's window, in nanoseconds.
    var window: Int64 { 1_000_000_000 }
}
