/// A result whose runs are compared by a rate, and of which the median run counts.
public protocol RatedResult: Sendable, Codable {
    var perSecond: Double { get }
    /// The same for all runs of one thing.
    var group: String { get }
}

extension RatedResult {
    /// The median run of each group, in the order in which the groups came first.
    public static func medians(_ results: [Self]) -> [Self] {
        var order: [String] = []
        var groups: [String: [Self]] = [:]
        for result in results {
            if groups[result.group] == nil { order.append(result.group) }
            groups[result.group, default: []].append(result)
        }
        return order.compactMap { name in
            let runs = (groups[name] ?? []).sorted { $0.perSecond < $1.perSecond }
            return runs.isEmpty ? nil : runs[(runs.count - 1) / 2]
        }
    }
}

extension DispatchResult: RatedResult {
    public var group: String { "\(system) \(latency)" }
}
