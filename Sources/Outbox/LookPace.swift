/// How long to wait before looking for work again: short while there is some, longer the longer there was none, so that an idle
/// node costs the database little.
package struct LookPace: Sendable {
    private let least: Duration
    private let most: Duration
    private var pause: Duration

    /// - Parameters:
    ///   - least: between looks while there is work.
    ///   - most: what the pause grows to, by a quarter with each look in vain.
    package init(_ least: Duration, most: Duration) {
        self.least = least
        self.most = most
        pause = least
    }

    /// The pause after a look.
    package mutating func next(found: Bool) -> Duration {
        pause = found ? least : min(most, pause * 5 / 4)
        return pause
    }
}
