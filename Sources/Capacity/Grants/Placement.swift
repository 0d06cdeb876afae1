/// Says which workers serve a share: one, until its rate outgrows one; then as many as it takes.
///
/// Highest random weight: every leader computes the same, and when a worker comes or goes, only the shares that it takes
/// over or had are moved.
public struct Placement: Sendable {
    /// Credits that one worker serves at most of one share.
    public static let most = 2000

    public let workers: [Worker]
    private let seeds: [UInt64]

    /// - Parameter workers: each once, in any order.
    public init(_ workers: [Worker] = []) {
        self.workers = workers
        seeds = workers.map(Self.seed)
    }

    /// How many workers it takes to serve so many credits.
    public static func count(for credits: Int) -> Int { max(1, (credits + most - 1) / most) }

    /// - Returns: at most `count`, in falling order of preference; empty when there are no workers.
    public func homes(of share: Int32, count: Int) -> [Worker] {
        if count <= 1 || workers.count <= 1 {
            let best = workers.indices.max { isWorse($0, $1, for: share) }
            return best.map { [workers[$0]] } ?? []
        }
        return workers.indices.sorted { isWorse($1, $0, for: share) }.prefix(count).map { workers[$0] }
    }

    private func isWorse(_ a: Int, _ b: Int, for share: Int32) -> Bool {
        let (x, y) = (Self.mixed(seeds[a], share), Self.mixed(seeds[b], share))
        return x == y ? workers[a] < workers[b] : x < y
    }

    /// FNV-1a over the worker's name and epoch; the same in every process.
    private static func seed(of worker: Worker) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in worker.node.utf8 { add(byte) }
        for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: worker.epoch >> shift)) }
        return hash
    }

    private static func mixed(_ seed: UInt64, _ share: Int32) -> UInt64 {
        var hash = seed &+ UInt64(UInt32(bitPattern: share)) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        return hash ^ hash >> 31
    }
}
