/// Decides, request by request, which faults strike. Pure: time and randomness come in.
struct FaultSchedule {
    private struct Progress {
        var matched = 0
        var struck = 0
        /// When the rule started to hold.
        var startedAt: Int64?
    }

    private let rules: [FaultRule]
    private let installedAt: Int64
    private var progress: [Progress]
    /// Whether any rule strikes before the body; saves looking at each request twice.
    let hasEarlyRules: Bool

    /// `installedAt`, as all times here, in nanoseconds of CLOCK_BOOTTIME.
    init(_ rules: FaultRules, installedAt: Int64) {
        self.rules = rules.rules
        self.installedAt = installedAt
        progress = Array(repeating: Progress(), count: rules.rules.count)
        hasEarlyRules = rules.rules.contains { $0.fault.isEarly }
    }

    /// The reset, if any, that strikes a request whose head has been read.
    mutating func early(
        _ operation: SendRequest.Operation,
        at now: Int64,
        using generator: inout some RandomNumberGenerator
    ) -> FaultRule.Fault? {
        for index in rules.indices
        where rules[index].fault.isEarly && rules[index].operations.contains(operation.rawValue) {
            if strikes(index, at: now, using: &generator) { return rules[index].fault }
        }
        return nil
    }

    /// What strikes a request that has been read whole: at most one fault, and the delay of the `slow` rules before it.
    mutating func late(
        _ request: SendRequest,
        at now: Int64,
        using generator: inout some RandomNumberGenerator
    ) -> (fault: FaultRule.Fault?, delay: Int64) {
        var delay: Int64 = 0
        for index in rules.indices {
            let rule = rules[index]
            guard !rule.fault.isEarly, rule.operations.contains(request.operation.rawValue) else { continue }
            if let recipient = rule.recipient, !request.hasRecipient(containing: recipient) { continue }
            guard strikes(index, at: now, using: &generator) else { continue }
            guard case .slow(let more) = rule.fault else { return (rule.fault, delay) }
            delay += more.wholeNanoseconds
        }
        return (nil, delay)
    }

    /// What strikes an event when it is about to be said: at most one fault, and the delay of the rules before it.
    mutating func event(
        _ kind: EventKind,
        recipients: [String],
        at now: Int64,
        using generator: inout some RandomNumberGenerator
    ) -> (fault: EventFault?, delay: Int64) {
        var delay: Int64 = 0
        for index in rules.indices {
            guard case .event(let fault) = rules[index].fault, fault != .reorder else { continue }
            guard rules[index].event ?? kind == kind, rules[index].concerns(recipients),
                strikes(index, at: now, using: &generator)
            else { continue }
            guard case .delay(let more) = fault else { return (fault, delay) }
            delay += more.wholeNanoseconds
        }
        return (nil, delay)
    }

    /// Whether the events of a message that was just accepted come in the opposite order.
    mutating func reorders(
        recipients: [String],
        at now: Int64,
        using generator: inout some RandomNumberGenerator
    ) -> Bool {
        for index in rules.indices
        where rules[index].fault == .event(.reorder) && rules[index].concerns(recipients) {
            if strikes(index, at: now, using: &generator) { return true }
        }
        return false
    }

    /// Counts a request that matches a rule, and says whether the rule strikes it.
    private mutating func strikes(
        _ index: Int,
        at now: Int64,
        using generator: inout some RandomNumberGenerator
    ) -> Bool {
        let rule = rules[index]
        let startedAt: Int64
        switch rule.after {
        case .time(let wait):
            startedAt = installedAt + wait.wholeNanoseconds
            guard now >= startedAt else { return false }
            progress[index].matched += 1
        case .requests(let skipped):
            progress[index].matched += 1
            guard progress[index].matched > skipped else { return false }
            startedAt = progress[index].startedAt ?? now
            progress[index].startedAt = startedAt
        case nil:
            startedAt = installedAt
            progress[index].matched += 1
        }
        if let lasting = rule.lasting, now - startedAt >= lasting.wholeNanoseconds { return false }
        if let first = rule.first, progress[index].matched - rule.skipped > first { return false }
        if let count = rule.count, progress[index].struck >= count { return false }
        if rule.probability < 1, Double.random(in: 0..<1, using: &generator) >= rule.probability { return false }
        progress[index].struck += 1
        return true
    }
}

extension FaultRule {
    fileprivate func concerns(_ recipients: [String]) -> Bool {
        guard let recipient else { return true }
        return recipients.contains { $0.contains(recipient) }
    }

    fileprivate var skipped: Int {
        if case .requests(let skipped) = after { skipped } else { 0 }
    }
}
