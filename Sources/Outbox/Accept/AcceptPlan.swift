/// What a flush is going to write, and why it does not write the rest: pure, given what the looks before it have found.
struct AcceptPlan {
    private enum Fate {
        /// By its place among `messages`.
        case written(Int)
        case overLimit(LimitRefusal)
    }

    private enum Course {
        case known(AcceptVerdict)
        case planned([Fate])
    }

    /// What is to be written.
    private(set) var messages: [NewMessage] = []
    private var courses: [Course] = []
    private var rooms: [Int32: TenantRoom]

    /// - Parameters:
    ///   - marked: all messages of the submissions, in order, with their suppressed recipients marked.
    ///   - known: what is known of the submissions' keys.
    ///   - rooms: of the tenants that have limits.
    init(
        _ submissions: [Submission],
        marked: [NewMessage],
        known: KnownAnswers? = nil,
        rooms: [Int32: TenantRoom] = [:]
    ) {
        self.rooms = rooms
        var known = known
        var rest = marked[...]
        for submission in submissions {
            let own = rest.prefix(submission.messages.count)
            rest = rest.dropFirst(submission.messages.count)
            if let key = submission.key, let verdict = known?.take(key) {
                courses.append(.known(verdict))
            } else {
                courses.append(plan(submission, own))
            }
        }
    }

    private mutating func plan(_ submission: Submission, _ own: ArraySlice<NewMessage>) -> Course {
        guard var room = rooms[submission.tenantID] else { return .planned(own.map { write($0) }) }
        defer { rooms[submission.tenantID] = room }
        if submission.isAtomic {
            let recipients = own.reduce(0) { $0 + $1.wanted }
            if let refusal = room.refusal(of: recipients) { return .known(.failed(AcceptError(refusal))) }
            room.take(recipients)
            return .planned(own.map { write($0) })
        }
        return .planned(
            own.map { message -> Fate in
                if let refusal = room.refusal(of: message.wanted) { return .overLimit(refusal) }
                room.take(message.wanted)
                return write(message)
            }
        )
    }

    private mutating func write(_ message: NewMessage) -> Fate {
        messages.append(message)
        return .written(messages.count - 1)
    }

    /// In the order of the submissions.
    ///
    /// - Parameter refused: the places of messages that the server refused.
    func verdicts(without refused: Set<Int> = []) -> [AcceptVerdict] {
        courses.map { course -> AcceptVerdict in
            switch course {
            case .known(let verdict): return verdict
            case .planned(let fates):
                return .accepted(
                    fates.map { fate -> MessageVerdict in
                        switch fate {
                        case .written(let place): refused.contains(place) ? .refused : .accepted(messages[place].status)
                        case .overLimit(let refusal): .overLimit(refusal)
                        }
                    }
                )
            }
        }
    }

    /// The recipients that are written of each tenant with limits.
    func counts(without refused: Set<Int> = []) -> [Int32: Int] {
        guard !rooms.isEmpty else { return [:] }
        var counts: [Int32: Int] = [:]
        for (place, message) in messages.enumerated()
        where rooms[message.tenantID] != nil && !refused.contains(place) {
            counts[message.tenantID, default: 0] += message.wanted
        }
        return counts
    }
}

extension NewMessage {
    /// Recipients that it goes to.
    fileprivate var wanted: Int { recipients.count { !$0.isSuppressed } }
}
