import Yams

extension FaultRule {
    private static let names = [
        "throttle", "status", "reset_before_body", "reset_during_body", "reset_after_body", "hang", "slow", "paused",
        "expired_token", "invalid_message_id",
    ]

    private static let eventNames = [
        "drop", "duplicate", "delay", "reorder", "forge", "foreign_topic", "stale_timestamp", "future_timestamp",
        "no_tags", "foreign_tag", "giant", "malformed", "unknown_type",
    ]

    init(reading node: Node, path: String) throws(SimulatorError) {
        var mapping = try StrictMapping(node, path: path, code: .invalidFaults)
        self.init(try Self.readFault(&mapping))
        let isOfEvents = operations == ["event"]
        if let operation = try mapping.string("operation") {
            guard isOfEvents ? operation == "event" : SendRequest.Operation(rawValue: operation) != nil else {
                let known = isOfEvents ? "event" : "send, bulk or account"
                throw mapping.failure("operation", "\"\(operation)\" is not \(known)")
            }
            operations = [operation]
        }
        if isOfEvents, let type = try mapping.string("type") {
            event = EventKind.allCases.first { $0.name == type }
            if event == nil {
                let known = EventKind.allCases.map(\.name).joined(separator: ", ")
                throw mapping.failure("type", "\"\(type)\" is not one of \(known)")
            }
            if fault == .event(.reorder) { throw mapping.failure("type", "a message is reordered as a whole") }
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
            if let fault = try readEventFault(name, &mapping) { return .event(fault) }
            let known = (names + eventNames).joined(separator: ", ")
            throw mapping.failure("fault", "\"\(name)\" is unknown; known are \(known)")
        }
    }

    private static func readEventFault(
        _ name: String,
        _ mapping: inout StrictMapping
    ) throws(SimulatorError) -> EventFault? {
        switch name {
        case "drop": return .drop
        case "duplicate":
            return .duplicate(
                times: try mapping.integer("times", in: 1...1000) ?? 1,
                sameID: try mapping.boolean("same_id") ?? true
            )
        case "delay":
            guard let delay = try mapping.duration("delay") else {
                throw mapping.failure("delay", "is missing; a delay needs a duration")
            }
            return .delay(delay)
        case "reorder": return .reorder
        case "forge": return .forge
        case "foreign_topic":
            return .foreignTopic(
                arn: try mapping.string("topic") ?? "arn:aws:sns:eu-central-1:999999999999:somebody-else"
            )
        case "stale_timestamp": return .shiftedTimestamp(try mapping.duration("by") ?? .seconds(7200))
        case "future_timestamp": return .shiftedTimestamp(.zero - (try mapping.duration("by") ?? .seconds(7200)))
        case "no_tags": return .noTags
        case "foreign_tag":
            return .foreignTag(id: try mapping.string("id") ?? "01890000-0000-7000-8000-00000000f0f0")
        case "giant": return .giant(bytes: try mapping.integer("bytes", in: 1...(64 << 20)) ?? 2 << 20)
        case "malformed": return .malformed
        case "unknown_type": return .unknownType
        default: return nil
        }
    }
}
