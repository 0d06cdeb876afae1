import Testing

@Suite("The granted/held/version handshake, every interleaving")
struct HandshakeTests {
    struct Finding {
        var states: Int
        /// The shortest way to a broken state, its problem last; empty when none can be reached.
        var path: [String]
    }

    /// Breadth first over all that can happen from a world where nobody holds anything.
    static func explore(_ world: HandshakeWorld, most: Int = 20_000_000) -> Finding {
        var states = [HandshakeState()]
        var parents: [Int32] = [-1]
        var known: Set<HandshakeState> = [HandshakeState()]
        var place = 0
        var broken: HandshakeState?
        while place < states.count, broken == nil, states.count < most {
            let state = states[place]
            world.successors(of: state) { next, _ in
                guard broken == nil, known.insert(next).inserted else { return }
                states.append(next)
                parents.append(Int32(place))
                if world.problem(next) != nil { broken = next }
            }
            place += 1
        }
        guard let broken else { return Finding(states: states.count, path: []) }
        var path: [String] = [world.problem(broken) ?? ""]
        var child = states.count - 1
        while parents[child] >= 0 {
            let parent = Int(parents[child])
            var step: String?
            world.successors(of: states[parent]) { next, what in
                if step == nil, next == states[child] { step = what() }
            }
            path.insert(step ?? "?", at: 0)
            child = parent
        }
        return Finding(states: states.count, path: path)
    }

    @Test(
        "No interleaving puts a credit in two places, nor more with a worker than its row says",
        arguments: [
            // Two leaders that overlap; one worker's read and report each, late, lost or twice.
            HandshakeWorld(credits: 2, shares: 1, versions: 4, reads: 1, reports: 1, leaders: 2),
            HandshakeWorld(credits: 3, shares: 1, versions: 3, reads: 1, reports: 1, leaders: 1),
            // Two reads and two reports under way that overtake each other.
            HandshakeWorld(credits: 2, shares: 1, versions: 3, reads: 2, reports: 1, leaders: 1),
            HandshakeWorld(credits: 2, shares: 1, versions: 3, reads: 1, reports: 2, leaders: 1),
            // Credits that go from share to share.
            HandshakeWorld(credits: 2, shares: 2, versions: 2, reads: 1, reports: 1, leaders: 1),
        ]
    )
    func safe(world: HandshakeWorld) {
        let finding = Self.explore(world)
        print("handshake: \(world.testDescription): \(finding.states) states")
        #expect(finding.path == [])
        #expect(finding.states > 10_000)
    }

    @Test(
        "Without any one of its rules a few steps mint a credit",
        arguments: [
            ("takes what is not news", HandshakeWorld.Rules(takesOnlyNews: false), 2, 12),
            ("reports without their version", HandshakeWorld.Rules(reportsNameTheirVersion: false), 1, 9),
            ("leaders that do not lock", HandshakeWorld.Rules(leadersLock: false), 1, 9),
            ("a raise that leaves held", HandshakeWorld.Rules(raiseLiftsHeld: false), 1, 5),
        ]
    )
    func mutations(what: String, rules: HandshakeWorld.Rules, reads: Int, most: Int) {
        let world = HandshakeWorld(
            credits: 2,
            shares: 1,
            versions: 5,
            reads: reads,
            reports: 1,
            leaders: reads == 1 ? 2 : 1,
            rules: rules
        )
        let finding = Self.explore(world)
        print("handshake, \(what), \(finding.states) states:")
        for (number, step) in finding.path.enumerated() { print("  \(number + 1). \(step)") }
        #expect(!finding.path.isEmpty)
        #expect(finding.path.count <= most)
    }
}
