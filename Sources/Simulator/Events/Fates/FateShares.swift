/// Which part of all recipients outside the mailbox simulator meets which fate, each 0 to 1.
public struct FateShares: Sendable, Equatable {
    /// Refused for their content after SES had taken them.
    public var rejected: Double
    public var bounced: Double
    /// Delivered, and then complained about.
    public var complained: Double
    /// Delayed before they end in whatever way; independent of the others, but the rejected.
    public var delayed: Double
    /// Opened, of those delivered.
    public var opened: Double
    /// Clicked, of those opened.
    public var clicked: Double

    public init(
        rejected: Double = 0,
        bounced: Double = 0,
        complained: Double = 0,
        delayed: Double = 0,
        opened: Double = 0,
        clicked: Double = 0
    ) {
        self.rejected = rejected
        self.bounced = bounced
        self.complained = complained
        self.delayed = delayed
        self.opened = opened
        self.clicked = clicked
    }

    /// Throws `invalidOption`, naming the share, where one is no share or the endings are more than everything.
    func validate() throws(SimulatorError) {
        let all = [
            ("reject-rate", rejected), ("bounce-rate", bounced), ("complaint-rate", complained),
            ("delay-rate", delayed), ("open-rate", opened), ("click-rate", clicked),
        ]
        for (name, share) in all where !(0...1).contains(share) {
            throw SimulatorError(.invalidOption, "\(name) is \(share); expected a share, 0 to 1")
        }
        guard rejected + bounced + complained <= 1 else {
            throw SimulatorError(.invalidOption, "reject-rate, bounce-rate and complaint-rate are more than 1 together")
        }
    }
}
