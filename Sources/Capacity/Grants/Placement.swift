/// Says which workers serve a share: one, until its rate outgrows one; then as many as it takes.
///
/// Highest random weight: every leader computes the same, and when a worker comes or goes, only the shares that it takes
/// over or had are moved.
public enum Placement {
    /// Credits that one worker serves at most of one share.
    public static let most = 2000

    /// How many workers it takes to serve so many credits.
    public static func count(for credits: Int) -> Int { max(1, (credits + most - 1) / most) }

    /// - Returns: at most `count`, in falling order of preference; empty when there are no workers.
    public static func workers(for share: Int32, count: Int, among workers: [Worker]) -> [Worker] {
        guard workers.count > 1 else { return workers }
        if count <= 1 {
            let best = workers.max { a, b in
                let (x, y) = (weight(of: a, for: share), weight(of: b, for: share))
                return x == y ? a < b : x < y
            }
            return best.map { [$0] } ?? []
        }
        let ranked = workers.map { (weight: weight(of: $0, for: share), worker: $0) }
            .sorted { a, b in a.weight == b.weight ? b.worker < a.worker : a.weight > b.weight }
        return ranked.prefix(count).map(\.worker)
    }

    /// FNV-1a over the worker's name and epoch and the share, mixed at the end; the same in every process.
    private static func weight(of worker: Worker, for share: Int32) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in worker.node.utf8 { add(byte) }
        for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: worker.epoch >> shift)) }
        for shift in stride(from: 0, to: 32, by: 8) { add(UInt8(truncatingIfNeeded: share >> shift)) }
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        return hash ^ hash >> 31
    }
}
