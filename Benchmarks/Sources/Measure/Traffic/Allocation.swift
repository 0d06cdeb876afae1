/// What the shares of an account hold when every credit is where it should be, in fractions of credits: the yardstick for what
/// was measured.
public enum Allocation {
    /// - Parameters:
    ///   - busy: which shares have backlog.
    ///   - used: the credits that each share without backlog has a use for all the same, so that they can't be lent.
    /// - Returns: the credits of each share with backlog; the others have none.
    public static func ideal(
        credits: Int,
        shares: [SharePlan],
        busy: [Bool],
        used: [Double]? = nil
    ) -> [Double] {
        var held = zip(shares, busy).map { share, busy in busy ? Double(share.rate) : 0 }
        let promised = shares.reduce(0) { $0 + $1.rate }
        let idle = shares.indices.filter { !busy[$0] && shares[$0].lend }.reduce(0.0) { sum, index in
            sum + max(0, Double(shares[index].rate) - (used?[index] ?? 0))
        }
        var left = Double(max(0, credits - promised)) + idle
        if idle > 0 { left = max(0, left - Double(reserve(credits))) }
        // What is left goes by weight (the rate) to those below their ceilings, until nothing is left or all are full.
        while left > 1e-9 {
            let takers = shares.indices.filter { busy[$0] && held[$0] < Double(shares[$0].most(of: credits)) - 1e-9 }
            let weight = takers.reduce(0.0) { $0 + Double(max(1, shares[$1].rate)) }
            guard weight > 0 else { break }
            var given = 0.0
            for index in takers {
                let room = Double(shares[index].most(of: credits)) - held[index]
                let part = min(room, left * Double(max(1, shares[index].rate)) / weight)
                held[index] += part
                given += part
            }
            left -= given
        }
        return held
    }

    /// The credits that wait for idle shares to wake.
    public static func reserve(_ credits: Int) -> Int { credits >= 20 ? max(1, credits / 100) : 0 }
}
