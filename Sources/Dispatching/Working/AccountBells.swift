/// The two who wait for news of an account on a node: whoever leads it, and whoever works for it.
struct AccountBells: Sendable {
    let leader = Doorbell()
    let workers = Doorbell()
}
