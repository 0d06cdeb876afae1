import Synchronization

/// The open connections of a listener, bounded in all and for each source. For one more, the one that has been idle for
/// longest is closed, so that thousands of idle ones keep nobody out.
final class ConnectionRegister: Sendable {
    fileprivate struct Connection {
        let source: SourceAddress?
        let close: @Sendable () -> Void
        /// The turn in which it became idle; nil while it has a request.
        var idleSince: UInt64?
    }

    fileprivate struct State {
        var connections: [UInt64: Connection] = [:]
        var sources: [SourceAddress: Set<UInt64>] = [:]
        /// Connections in the order in which they became idle; those that are not idle since then are skipped.
        var idle: [(id: UInt64, turn: UInt64)] = []
        var first = 0
        var turn: UInt64 = 0
    }

    private let configuration: GatewayConfiguration
    private let state = Mutex(State())

    init(_ configuration: GatewayConfiguration) {
        self.configuration = configuration
    }

    var count: Int { state.withLock { $0.connections.count } }

    /// How long the list of those that became idle is.
    var idleListed: Int { state.withLock { $0.idle.count - $0.first } }

    /// Takes a new connection in, which is idle.
    ///
    /// - Parameter close: closes it; called from any thread.
    /// - Returns: its number; nil where there is no room and nobody idle.
    func enter(from address: String?, close: @escaping @Sendable () -> Void) -> UInt64? {
        let source = address.flatMap { configuration.isProxy($0) ? nil : SourceAddress($0) }
        let (id, victims) = state.withLock { state -> (UInt64?, [Connection]) in
            var victims: [Connection] = []
            if let source, let own = state.sources[source], own.count >= configuration.maximumConnectionsPerSource {
                guard let oldest = state.oldestIdle(of: own), let victim = state.remove(oldest) else {
                    return (nil, victims)
                }
                victims.append(victim)
            }
            if state.connections.count >= configuration.maximumConnections {
                guard let oldest = state.oldestIdle(), let victim = state.remove(oldest) else { return (nil, victims) }
                victims.append(victim)
            }
            state.turn += 1
            let id = state.turn
            state.connections[id] = Connection(source: source, close: close)
            if let source { state.sources[source, default: []].insert(id) }
            state.rest(id)
            return (id, victims)
        }
        for victim in victims { victim.close() }
        return id
    }

    /// It has a request.
    func work(_ id: UInt64) {
        state.withLock { $0.connections[id]?.idleSince = nil }
    }

    /// It has none any more.
    func rest(_ id: UInt64) {
        state.withLock { $0.rest(id) }
    }

    func leave(_ id: UInt64) {
        _ = state.withLock { $0.remove(id) }
    }
}

extension ConnectionRegister.State {
    fileprivate mutating func rest(_ id: UInt64) {
        guard connections[id] != nil else { return }
        turn += 1
        connections[id]?.idleSince = turn
        // Most of the list is of connections that have worked since.
        if idle.count - first > 4 * connections.count + 64 {
            idle = idle[first...].filter { connections[$0.id]?.idleSince == $0.turn }
            first = 0
        }
        idle.append((id, turn))
    }

    fileprivate mutating func oldestIdle() -> UInt64? {
        while first < idle.count {
            let (id, turn) = idle[first]
            if connections[id]?.idleSince == turn { return id }
            first += 1
        }
        return nil
    }

    fileprivate func oldestIdle(of ids: Set<UInt64>) -> UInt64? {
        ids.compactMap { id in connections[id]?.idleSince.map { (id: id, turn: $0) } }
            .min { $0.turn < $1.turn }?.id
    }

    fileprivate mutating func remove(_ id: UInt64) -> ConnectionRegister.Connection? {
        guard let connection = connections.removeValue(forKey: id) else { return nil }
        if let source = connection.source {
            sources[source]?.remove(id)
            if sources[source]?.isEmpty == true { sources[source] = nil }
        }
        return connection
    }
}
