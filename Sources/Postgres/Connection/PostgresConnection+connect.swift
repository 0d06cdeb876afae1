import Synchronization

extension PostgresConnection {
    /// How long the hosts behind a good one have together to show that they have replaced it.
    private static let lateness = Duration.milliseconds(300)

    /// Tries each host once, in order; where the primary is followed and it is not certain which one that is, all of them.
    /// - Parameter isHurried: whether somebody waits for the session, so that hosts behind a good one get little time.
    func open(until deadline: Deadline, isHurried: Bool = true) async throws {
        try await interruptible { ticket in
            var search = Search(deadline: deadline)
            let attempts = configuration.attempts
            for (index, parameters) in attempts.enumerated() {
                guard !search.deadline.hasPassed else {
                    search.hasSilent = true
                    break
                }
                // A silent host must not use up the time of those behind it.
                let share = search.deadline.share(of: attempts.count - index)
                try ask(parameters, until: share.earlier(.after(configuration.attemptTimeout)), ticket, &search)
                if search.best == nil, index == 0 { preference.doubt() }
                guard let best = search.best else { continue }
                if !configuration.followsRole || preference.isSure(of: best.parameters) {
                    return adopt(best, nil)
                }
                if isHurried, !search.isEnding, preference.isHighest(best.timeline) {
                    search.isEnding = true
                    search.deadline = search.deadline.earlier(.after(Self.lateness))
                }
            }
            guard let best = search.best else {
                let reason = search.reasons.isEmpty ? "no time was left" : search.reasons.joined(separator: "; ")
                throw PostgresError(.unavailable, "cannot connect to the database: \(reason)")
            }
            adopt(best, search.hasSilent && best.timeline != nil ? .doubtful : .certain)
        }
    }

    private var preference: HostPreference { configuration.hostPreference }

    /// Asks one host, and keeps it if it is better than what was found before.
    private func ask(
        _ parameters: [String: String],
        until limit: Deadline,
        _ ticket: Interrupt.Ticket,
        _ search: inout Search
    ) throws {
        let handle = try ConnectionHandle.start(parameters, wakeUp: interrupt.wakeUp)
        if let reason = try failure(ofConnecting: handle, ticket: ticket, until: limit) {
            search.reasons.append(reason)
            let isStandby = Self.standbys.contains(where: reason.contains)
            preference.note(parameters, answered: isStandby)
            if !isStandby { search.hasSilent = true }
            return
        }
        let timeline = try timeline(of: handle, ticket: ticket, until: limit)
        preference.note(parameters, answered: !handle.isBroken)
        if handle.isBroken {
            search.reasons.append("\(handle.target): no answer in time")
            search.hasSilent = true
        } else if preference.isOutdated(timeline) {
            search.reasons.append(Self.outdated(handle, timeline, preference.timeline))
        } else if search.best.map({ $0.timeline ?? 0 < timeline ?? 0 }) ?? true {
            search.best = Candidate(handle: handle, parameters: parameters, timeline: timeline)
        }
    }

    /// How libpq says that a server is none that takes writes, or none that is a standby: all other failures leave open what the
    /// server is.
    private static let standbys = [
        "session is read-only", "server is in hot standby mode", "session is not read-only",
        "server is not in hot standby mode",
    ]

    /// What the hosts have said so far.
    private struct Search {
        var deadline: Deadline
        var reasons: [String] = []
        var best: Candidate?
        /// A host did not say what it is.
        var hasSilent = false
        /// A good one was found, and the rest is asked in haste.
        var isEnding = false
    }

    /// A server that takes us.
    private struct Candidate {
        let handle: ConnectionHandle
        let parameters: [String: String]
        let timeline: Int64?
    }

    private func adopt(_ candidate: Candidate, _ verdict: HostPreference.Verdict?) {
        handle = candidate.handle
        canceller = candidate.handle.makeCancelHandle()
        preference.note(candidate.parameters, timeline: candidate.timeline, verdict)
        health.withLock { health in
            health.backendPID = candidate.handle.backendPID
            health.socket = candidate.handle.socket
            health.timeline = candidate.timeline
            health.server = candidate.handle.target
        }
    }

    /// What timeline a server writes; nil for a standby, and for a service that does not say. A server that does not answer
    /// leaves the handle broken.
    private func timeline(of handle: ConnectionHandle, ticket: Interrupt.Ticket, until deadline: Deadline) throws
        -> Int64?
    {
        var exchange = makeExchange(handle, ticket: ticket, deadline: deadline, file: #fileID, line: #line)
        do {
            try Self.require(handle.sendUnprepared(Timeline.ofServer), handle, file: #fileID, line: #line)
            let answer = try results(of: &exchange, handle, file: #fileID, line: #line)
            return try answer.successes.last.flatMap { try Rows($0).decode(Int64?.self).first ?? nil }
        } catch is PostgresError {
            return nil
        }
    }

    private static func outdated(_ handle: ConnectionHandle, _ timeline: Int64?, _ highest: Int64?) -> String {
        """
        \(handle.target): it writes timeline \(timeline ?? 0), but a server on timeline \(highest ?? 0) was used before, so \
        it has been replaced (after a restore on purpose, restart this process)
        """
    }

    /// Goes through the steps of connecting. Returns why it failed, or `nil` when it is done.
    private func failure(
        ofConnecting handle: ConnectionHandle,
        ticket: Interrupt.Ticket,
        until deadline: Deadline
    ) throws -> String? {
        var progress = handle.startProgress
        while true {
            switch progress {
            case .connected: return nil
            case .failed: return Self.summary(handle.errorMessage)
            case .reading, .writing: break
            }
            switch handle.wait(reading: progress == .reading, writing: progress == .writing, until: deadline) {
            case .ready: progress = handle.advance()
            case .deadline: return "\(handle.target): no answer in time"
            case .woken: if interrupt.isCancelled(ticket) { throw CancellationError() }
            }
        }
    }

    /// libpq's message, which names the host and never the password, on one line.
    private static func summary(_ message: String) -> String {
        message.split(whereSeparator: \.isNewline).map { line in
            String(line.drop { $0 == " " || $0 == "\t" })
        }
        .joined(separator: " ")
    }
}
