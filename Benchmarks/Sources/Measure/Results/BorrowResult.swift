/// What was measured in one cell of B8: an owner wakes while its credits are lent.
public struct BorrowResult: Sendable, Codable {
    public var nodes: Int
    public var rate: Int
    public var latency: String
    public var repetitions: Int
    /// Seconds from the 202 to the owner's first send.
    public var first: Spread?
    /// Seconds from the 202 to the send at which the owner had used its whole guarantee of credits within W + the longest call.
    public var all: Spread?
    /// Repetitions in which it never had.
    public var never: Int
    /// Seconds from the owner's last send until the borrower used the owner's credits too, the reserve apart.
    public var taken: Spread?
    /// Repetitions in which the borrower never did.
    public var neverTaken: Int
    public var over: Int
    public var throttled: Int
    /// Recipients in the window before, every 50 ms from 1 s before the 202, the mean over the repetitions.
    public var owner: [Double]
    public var borrower: [Double]

    public init(nodes: Int, rate: Int, latency: String, repetitions: Int) {
        self.nodes = nodes
        self.rate = rate
        self.latency = latency
        self.repetitions = repetitions
        never = 0
        neverTaken = 0
        over = 0
        throttled = 0
        owner = []
        borrower = []
    }

    public var summary: String {
        func text(_ spread: Spread?) -> String {
            spread.map { "p50 \(Figures.milliseconds($0.p50)), p99 \(Figures.milliseconds($0.p99))" } ?? "never"
        }
        return "first \(text(first)); all \(text(all)), never \(never); taken \(text(taken)), never \(neverTaken); "
            + "windows over \(over), throttled \(throttled)"
    }
}
