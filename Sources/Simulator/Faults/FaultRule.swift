/// One rule of a faults document: what goes wrong, and for which requests.
public struct FaultRule: Sendable, Equatable {
    /// What goes wrong.
    public enum Fault: Sendable, Equatable {
        /// 429 TooManyRequestsException although the rate is kept.
        case throttle
        /// An error answer of any kind; with `accept` the mail is accepted all the same.
        case status(code: Int, error: String, message: String, accept: Bool)
        /// RST when the head of the request has been read.
        case resetBeforeBody
        /// RST when the first part of the body has been read.
        case resetDuringBody
        /// The mail is accepted, then RST instead of an answer: the ambiguous case.
        case resetAfterBody
        /// The mail is accepted and never answered, until the client gives up or `limit` has passed.
        case hang(limit: Duration)
        /// The answer takes `delay` longer. The only fault that goes together with a later rule's.
        case slow(delay: Duration)
        /// 400 SendingPausedException.
        case paused
        /// 403 ExpiredTokenException.
        case expiredToken
        /// The mail is accepted and answered with 200 and `body`.
        case invalidMessageID(body: String)
        /// Something goes wrong with an event instead of a call.
        case event(EventFault)

        /// Whether it strikes before the body is known.
        var isEarly: Bool { self == .resetBeforeBody || self == .resetDuringBody }
    }

    /// When a rule starts to hold.
    public enum Start: Sendable, Equatable {
        /// Once this many matching requests have passed.
        case requests(Int)
        /// This long after the rules were installed.
        case time(Duration)
    }

    public var fault: Fault
    /// The operations it is for: `send`, `bulk`, `account`; or `event`.
    public var operations: Set<String> = ["send", "bulk"]
    /// The type of the events that an event's fault is for; nil: all.
    var event: EventKind?
    /// A text that one of the recipients must contain.
    public var recipient: String?
    public var after: Start?
    /// How long it holds from its start.
    public var lasting: Duration?
    /// Only the first so many matching requests after the start are in danger.
    public var first: Int?
    /// It strikes at most so often.
    public var count: Int?
    /// How likely each request in danger is struck.
    public var probability: Double = 1

    public init(_ fault: Fault) {
        self.fault = fault
        if case .event = fault { operations = ["event"] }
    }
}
