import Yams

/// The faults that the simulator injects: a YAML document for `--faults FILE`, or the same as JSON for
/// `PUT /_simulator/faults`.
///
/// ```yaml
/// faults:
///   - fault: throttle            # 429 TooManyRequestsException
///     probability: 0.01          # of each matching request; seeded
///   - fault: status              # any error answer
///     code: 503                  # HTTP status, 400 to 599
///     error: ServiceUnavailable  # SES error code
///     message: Try later         # optional
///     accept: false              # true: the mail is accepted all the same
///     after: 100                 # not the first 100 matching requests; or `after: 10s` since installation
///     for: 30s                   # this long from then on
///   - fault: reset_after_body    # accepted, then RST; also reset_before_body, reset_during_body
///     first: 3                   # only the first 3 matching requests
///   - fault: hang                # accepted, never answered
///     limit: 60s                 # until the client leaves, or this long (default 5m)
///   - fault: slow                # goes together with a later rule
///     delay: 2s
///     recipient: "@slow.example" # one of the recipients contains this
///   - fault: expired_token       # 403; also paused (400)
///     operation: account         # send, bulk or account; default send and bulk
///   - fault: invalid_message_id  # 200 with junk; accepted
///     body: '{"MessageId": ""}'  # optional
///     count: 1                   # strikes at most once
///   - fault: duplicate           # of an event: the fault decides; `operation: event` may be written
///     type: Bounce               # default all types
/// ```
///
/// Faults of events: ``EventFault``, in snake case; their members are in `config/simulator-faults.example.yaml`.
///
/// Rules are tried in order and the first that strikes wins. A request matches a rule by operation and recipient; `after`,
/// `first` and `for` count matching requests and time from the installation of the document; `probability` and `count`
/// come last. Unknown members are refused. Refusals by faults do not count against rate or quota; whatever is accepted does.
public struct FaultRules: Sendable, Equatable {
    public var rules: [FaultRule]

    public init(_ rules: [FaultRule] = []) {
        self.rules = rules
    }

    /// Reads a document; throws `invalidFaults`, naming the rule and member, where it says something else than the above.
    public init(parsing text: String) throws(SimulatorError) {
        var document = try StrictMapping(parsing: text, code: .invalidFaults)
        var rules: [FaultRule] = []
        for (index, node) in (try document.sequence("faults") ?? []).enumerated() {
            rules.append(try FaultRule(reading: node, path: "faults[\(index)]"))
        }
        try document.finish()
        self.rules = rules
    }
}
