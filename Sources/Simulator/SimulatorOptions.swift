/// What `sluice simulator` is started with. The defaults are SES's usual production account, on loopback.
public struct SimulatorOptions: Sendable {
    /// The address to bind; anything but loopback is the caller's explicit wish.
    public var host: String
    /// The port to bind; 0 takes a free one, which `SimulatorServer` reports.
    public var port: Int
    /// Recipients per second (`MaxSendRate`); below 1 it means one recipient in `1/rate` seconds.
    public var rate: Double
    /// Recipients per rolling 24 h (`Max24HourSend`); -1 is unlimited.
    public var daily: Int
    /// How long an answer takes; the instant at which a send counts lies at a random point in it.
    public var latency: LatencyRange
    /// Seeds latencies, count instants and fault probabilities.
    public var seed: UInt64
    /// The faults in force from the start.
    public var faults: FaultRules
    /// How many entries (32 bytes each) the ledger keeps before it says `truncated`.
    public var ledgerCapacity: Int
    /// How many accepted messages `GET /_simulator/messages` can show.
    public var messageCapacity: Int
    /// How many bytes of request bodies those messages may hold.
    public var messageBytes: Int
    /// What is said about accepted messages; nil: nothing.
    public var events: EventOptions?

    public init(
        host: String = "127.0.0.1",
        port: Int = 8090,
        rate: Double = 14,
        daily: Int = 50_000,
        latency: LatencyRange = .zero,
        seed: UInt64 = 1,
        faults: FaultRules = FaultRules(),
        ledgerCapacity: Int = 20_000_000,
        messageCapacity: Int = 1000,
        messageBytes: Int = 64 << 20,
        events: EventOptions? = nil
    ) {
        self.host = host
        self.port = port
        self.rate = rate
        self.daily = daily
        self.latency = latency
        self.seed = seed
        self.faults = faults
        self.ledgerCapacity = ledgerCapacity
        self.messageCapacity = messageCapacity
        self.messageBytes = messageBytes
        self.events = events
    }

    /// Throws `invalidOption`, naming the option, where a value is out of its range.
    public func validate() throws(SimulatorError) {
        guard (0...65535).contains(port) else {
            throw SimulatorError(.invalidOption, "port is \(port); expected 0 to 65535")
        }
        try Self.check(rate: rate)
        try Self.check(daily: daily)
        guard ledgerCapacity >= 0, messageCapacity >= 0, messageBytes >= 0 else {
            throw SimulatorError(.invalidOption, "a capacity is negative")
        }
        try events?.validate()
    }

    static func check(rate: Double) throws(SimulatorError) {
        guard rate.isFinite, rate >= 0.0001, rate <= 1e9 else {
            throw SimulatorError(
                .invalidOption,
                "rate is \(rate); expected recipients per second, 0.0001 to 1000000000"
            )
        }
    }

    static func check(daily: Int) throws(SimulatorError) {
        guard daily >= -1 else {
            throw SimulatorError(
                .invalidOption,
                "daily is \(daily); expected recipients in 24 hours, or -1 for unlimited"
            )
        }
    }
}
