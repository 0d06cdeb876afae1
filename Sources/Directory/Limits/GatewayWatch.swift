/// What the other gateways have told, and which of them are still there. A gateway is judged by its counter on our own clock: one
/// whose counter stands still says nothing any more.
struct GatewayWatch {
    /// A gateway's word, as it stands in the database.
    struct Word {
        let node: String
        let counter: Int64
        let demands: [Int32: Double]
    }

    /// What is known of all the others.
    struct View {
        var demands: [Int32: Double] = [:]
        /// How many there are besides us.
        var count = 0
        /// Words of gateways that are gone for long.
        var stale: [Word] = []
    }

    /// A gateway that is asked for something speaks twice a second, any other every two seconds.
    static let silent = Duration.seconds(3)
    static let gone = Duration.seconds(10)
    static let forgotten = Duration.seconds(60)

    private var seen: [String: (counter: Int64, at: ContinuousClock.Instant)] = [:]

    mutating func look(_ words: [Word], now: ContinuousClock.Instant) -> View {
        var view = View()
        let before = seen
        seen = [:]
        for word in words {
            var at = now
            if let known = before[word.node], known.counter == word.counter { at = known.at }
            seen[word.node] = (word.counter, at)
            let silence = at.duration(to: now)
            if silence < Self.gone { view.count += 1 }
            if silence >= Self.forgotten { view.stale.append(word) }
            guard silence < Self.silent else { continue }
            for (tenant, rate) in word.demands { view.demands[tenant, default: 0] += rate }
        }
        return view
    }
}
