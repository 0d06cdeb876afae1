/// Gives the thread to others now and then while a body's parts are worked on: a part may take long, and the threads serve everybody.
struct ThreadTurn {
    private static let length = Duration.milliseconds(1)

    private var endsAt = ContinuousClock.now + length

    /// To be called before each part.
    mutating func pass() async {
        guard ContinuousClock.now >= endsAt else { return }
        await Task.yield()
        endsAt = .now + Self.length
    }
}
