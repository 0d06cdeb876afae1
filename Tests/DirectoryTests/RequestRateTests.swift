import Testing

@testable import Directory

/// Rates of tenants over several gateways, on a clock of the tests' own.
struct RequestRateTests {
    /// Gateways that exchange what they are asked for every half second, each at its own moment.
    private struct Cluster {
        static let tenant: Int32 = 7
        let rate: Int
        let start = ContinuousClock.now
        let gateways: [RequestRates]
        private var told: [[Int32: Double]]
        private var generator: SplitMix64
        private var millisecond = 0
        /// When requests passed, in milliseconds, and how many did not.
        private(set) var passed: [Int] = []
        private(set) var refused = 0
        private(set) var passedAt: [Int]

        init(_ count: Int, rate: Int, seed: UInt64) {
            self.rate = rate
            gateways = (0..<count).map { _ in RequestRates() }
            told = Array(repeating: [:], count: count)
            passedAt = Array(repeating: 0, count: count)
            generator = SplitMix64(seed: seed)
        }

        var seconds: Double { Double(millisecond) / 1000 }

        private var now: ContinuousClock.Instant { start.advanced(by: .milliseconds(millisecond)) }

        private mutating func exchange(_ index: Int) {
            told[index] = gateways[index].report(now: now)
            var others: [Int32: Double] = [:]
            for (other, demands) in told.enumerated() where other != index {
                others.merge(demands) { $0 + $1 }
            }
            gateways[index].hear(others, gateways: gateways.count, now: now)
        }

        mutating func request(at index: Int) {
            if gateways[index].admit(Self.tenant, rate: rate, now: now).isAdmitted {
                passed.append(millisecond)
                passedAt[index] += 1
            } else {
                refused += 1
            }
        }

        /// Lets time pass in which each gateway is asked so many requests a second, at random moments.
        mutating func run(seconds: Double, asking: [Double]) {
            for _ in 0..<Int(seconds * 1000) {
                millisecond += 1
                for index in gateways.indices where millisecond % 500 == index * 97 % 500 { exchange(index) }
                for index in gateways.indices {
                    var expected = asking[index] / 1000
                    while expected > 0 {
                        if generator.nextUnit() < expected { request(at: index) }
                        expected -= 1
                    }
                }
            }
        }

        /// The most that passed in any so many milliseconds.
        func most(inAny length: Int) -> Int {
            var first = 0
            var most = 0
            for (index, time) in passed.enumerated() {
                while passed[first] <= time - length { first += 1 }
                most = max(most, index - first + 1)
            }
            return most
        }

        func passed(after seconds: Double) -> Int { passed.count { Double($0) > seconds * 1000 } }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func togetherTheyServeTheRate(seed: UInt64) {
        var cluster = Cluster(4, rate: 100, seed: seed)
        cluster.run(seconds: 3, asking: [75, 75, 75, 75])
        cluster.run(seconds: 20, asking: [75, 75, 75, 75])
        let served = Double(cluster.passed(after: 3)) / 20
        #expect((95...102).contains(served), "\(served)")
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func theOnlyBusyOneServesNearlyAllOfIt(seed: UInt64) {
        var cluster = Cluster(4, rate: 100, seed: seed)
        cluster.run(seconds: 3, asking: [1000, 0, 0, 0])
        cluster.run(seconds: 20, asking: [1000, 0, 0, 0])
        let served = Double(cluster.passed(after: 3)) / 20
        #expect((93...100).contains(served), "\(served)")
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func unequalOnesServeByTheirDemand(seed: UInt64) {
        var cluster = Cluster(3, rate: 300, seed: seed)
        cluster.run(seconds: 4, asking: [600, 300, 0])
        let before = cluster.passedAt
        cluster.run(seconds: 20, asking: [600, 300, 0])
        let served = zip(cluster.passedAt, before).map { Double($0 - $1) / 20 }
        #expect((185...205).contains(served[0]), "\(served)")
        #expect((90...110).contains(served[1]), "\(served)")
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func belowTheRateNobodyIsRefused(seed: UInt64) {
        var cluster = Cluster(4, rate: 1000, seed: seed)
        cluster.run(seconds: 20, asking: [400, 200, 100, 50])
        #expect(cluster.refused == 0, "of \(cluster.passed.count)")
    }

    @Test func aBurstAfterSilenceHasItsPart() {
        var cluster = Cluster(4, rate: 100, seed: 1)
        cluster.run(seconds: 3, asking: [0, 0, 0, 0])
        for _ in 0..<25 { cluster.request(at: 2) }
        #expect(cluster.refused == 0)
    }

    /// The bound that `RequestRates` states: a second's worth at once, and one for each move of the load.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func aLoadThatMovesStaysWithinTheBound(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var cluster = Cluster(4, rate: 100, seed: seed)
        var moves: [Int] = []
        // Until they have spoken once, each takes itself for the only one.
        cluster.run(seconds: 0.5, asking: [0, 0, 0, 0])
        while cluster.seconds < 60 {
            var asking = (0..<4).map { _ in generator.nextUnit() < 0.5 ? 0 : generator.nextUnit() * 500 }
            asking[Int(generator.nextUnit() * 4)] = 500
            moves.append(Int(cluster.seconds * 1000))
            cluster.run(seconds: 0.5 + generator.nextUnit() * 5, asking: asking)
        }
        for length in [1000, 5000, 10_000, 30_000] {
            let most =
                moves.indices.map { start in
                    moves[start...].prefix { $0 < moves[start] + length + 500 }.count
                }.max() ?? 0
            let bound = 100 * length / 1000 + 100 + 100 * most
            #expect(cluster.most(inAny: length) <= bound, "\(most) moves in \(length) ms")
        }
        // And it is served: the rate is not lost on the way.
        #expect(Double(cluster.passed.count) >= 0.6 * 100 * 60)
    }

    @Test func aNewRateIsInForceAtOnce() {
        let rates = RequestRates()
        let start = ContinuousClock.now
        #expect(rates.admit(1, rate: 2, now: start).isAdmitted)
        #expect(rates.admit(1, rate: 2, now: start).isAdmitted)
        #expect(!rates.admit(1, rate: 2, now: start).isAdmitted)
        // A bucket does not fill because it has become larger.
        #expect(!rates.admit(1, rate: 100, now: start).isAdmitted)
        #expect(rates.admit(1, rate: 100, now: start + .milliseconds(15)).isAdmitted)
        #expect(!rates.admit(1, rate: 1, now: start + .milliseconds(15)).isAdmitted)
    }

    @Test func saysWhenThereIsRoom() {
        let rates = RequestRates()
        let start = ContinuousClock.now
        let first = rates.admit(1, rate: 3, now: start)
        #expect(first.remaining == 2)
        #expect(first.reset == 1)
        for _ in 0..<2 { _ = rates.admit(1, rate: 3, now: start) }
        let over = rates.admit(1, rate: 3, now: start)
        #expect(!over.isAdmitted && over.remaining == 0 && over.retryAfter == 1)
        #expect(rates.admit(2, rate: 3, now: start).remaining == 2, "another tenant has its own")
    }

    @Test func refusalsAreSaidOnceInAWhile() {
        let rates = RequestRates()
        let start = ContinuousClock.now
        func refusals(after milliseconds: Int) -> Int? {
            rates.admit(1, rate: 1, now: start + .milliseconds(milliseconds)).refusals
        }
        #expect(refusals(after: 0) == nil, "it passed")
        let said = (1...20).map { refusals(after: $0) }
        #expect(said == [1] + Array(repeating: nil, count: 19))
        // One passes after ten seconds.
        #expect(refusals(after: 10_500) == nil)
        #expect(refusals(after: 10_501) == 20)
    }

    @Test func partsAddUpToTheRate() {
        for demands in [[10.0, 0, 0], [50, 50, 0], [200, 100, 3], [0, 0, 0], [1e6, 1, 0]] {
            let parts = demands.map { own in
                RatePart.rate(100, own: own, others: demands.reduce(0, +) - own, gateways: demands.count)
            }
            #expect(abs(parts.reduce(0, +) - 100) < 1e-6, "\(parts)")
            #expect(parts.allSatisfy { $0 >= 100 * RatePart.alike / 3 - 1e-9 })
        }
    }

    @Test func whoIsSilentIsNotCounted() {
        var watch = GatewayWatch()
        let start = ContinuousClock.now
        func look(_ counter: Int64, after seconds: Int) -> GatewayWatch.View {
            let word = GatewayWatch.Word(node: "b", counter: counter, demands: [1: 40])
            return watch.look([word], now: start + .seconds(seconds))
        }
        let views = [look(1, after: 0), look(1, after: 2), look(1, after: 4), look(1, after: 11), look(1, after: 61)]
        #expect(views.map { $0.demands.isEmpty } == [false, false, true, true, true])
        #expect(views.map(\.count) == [1, 1, 1, 0, 0])
        #expect(views.map { $0.stale.map(\.node) } == [[], [], [], [], ["b"]])
        let back = look(2, after: 62)
        #expect(back.demands == [1: 40] && back.count == 1)
    }
}

/// The same numbers each time.
private struct SplitMix64 {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// From 0 to less than 1.
    mutating func nextUnit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}
