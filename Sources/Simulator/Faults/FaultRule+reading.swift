import Yams

extension FaultRule {
    private static let names = [
        "throttle", "status", "reset_before_body", "reset_during_body", "reset_after_body", "hang", "slow", "paused",
        "expired_token", "invalid_message_id",
    ]

    init(reading node: Node, path: String) throws(SimulatorError) {
        var mapping = try StrictMapping(node, path: path, code: .invalidFaults)
        self.init(try Self.readFault(&mapping))
        if let operation = try mapping.string("operation") {
            guard SendRequest.Operation(rawValue: operation) != nil else {
                throw mapping.failure("operation", "\"\(operation)\" is not send, bulk or account")
            }
            operations = [operation]
        }
        recipient = try mapping.string("recipient")
        if let text = try mapping.string("after") {
            if let requests = Int(text) {
                guard requests >= 0 else { throw mapping.failure("after", "must not be negative") }
                after = .requests(requests)
            } else if let duration = DurationText.parse(text) {
                after = .time(duration)
            } else {
                throw mapping.failure("after", "expected a number of requests or a duration such as 10s")
            }
        }
        lasting = try mapping.duration("for")
        first = try mapping.integer("first", in: 0...Int.max)
        count = try mapping.integer("count", in: 0...Int.max)
        probability = try mapping.number("probability", in: 0...1) ?? 1
        if fault.isEarly, recipient != nil {
            throw mapping.failure("recipient", "cannot be known before the body has been read")
        }
        try mapping.finish()
    }

    private static func readFault(_ mapping: inout StrictMapping) throws(SimulatorError) -> Fault {
        guard let name = try mapping.string("fault") else { throw mapping.failure("fault", "is missing") }
        switch name {
        case "throttle": return .throttle
        case "status":
            guard let code = try mapping.integer("code", in: 400...599) else {
                throw mapping.failure("code", "is missing; a status fault needs an HTTP status")
            }
            return .status(
                code: code,
                error: try mapping.string("error") ?? (code < 500 ? "BadRequestException" : "InternalFailure"),
                message: try mapping.string("message") ?? "Injected by a fault rule",
                accept: try mapping.boolean("accept") ?? false
            )
        case "reset_before_body": return .resetBeforeBody
        case "reset_during_body": return .resetDuringBody
        case "reset_after_body": return .resetAfterBody
        case "hang": return .hang(limit: try mapping.duration("limit") ?? .seconds(300))
        case "slow":
            guard let delay = try mapping.duration("delay") else {
                throw mapping.failure("delay", "is missing; a slow fault needs a duration")
            }
            return .slow(delay: delay)
        case "paused": return .paused
        case "expired_token": return .expiredToken
        case "invalid_message_id":
            return .invalidMessageID(body: try mapping.string("body") ?? #"{"MessageId":"not a message id"}"#)
        default:
            throw mapping.failure("fault", "\"\(name)\" is unknown; known are \(names.joined(separator: ", "))")
        }
    }
}
