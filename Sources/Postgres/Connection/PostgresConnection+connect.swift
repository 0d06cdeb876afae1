import Synchronization

extension PostgresConnection {
    /// Tries each host once, in order; where the primary is followed and it is not certain which one that is, all of them.
    func open(until deadline: Deadline) async throws {
        try await interruptible { ticket in
            var reasons: [String] = []
            var best: Candidate?
            let attempts = configuration.attempts
            for (index, parameters) in attempts.enumerated() where !deadline.hasPassed {
                // A silent host must not use up the time of those behind it.
                let share = deadline.share(of: attempts.count - index)
                let limit = share.earlier(.after(configuration.attemptTimeout))
                let handle = try ConnectionHandle.start(parameters, wakeUp: interrupt.wakeUp)
                if let reason = try failure(ofConnecting: handle, ticket: ticket, until: limit) {
                    if index == 0 { configuration.hostPreference.doubt() }
                    reasons.append(reason)
                    continue
                }
                let timeline = try timeline(of: handle, ticket: ticket, until: limit)
                if handle.isBroken {
                    reasons.append("\(handle.target): no answer in time")
                } else if configuration.hostPreference.isOutdated(timeline) {
                    reasons.append(Self.outdated(handle, timeline, configuration.hostPreference.timeline))
                } else {
                    let candidate = Candidate(handle: handle, parameters: parameters, timeline: timeline)
                    if best.map({ $0.timeline ?? 0 < timeline ?? 0 }) ?? true { best = candidate }
                    if !configuration.followsRole || configuration.hostPreference.isSure(of: parameters) { break }
                }
            }
            guard let best else {
                let reason = reasons.isEmpty ? "no time was left" : reasons.joined(separator: "; ")
                throw PostgresError(.unavailable, "cannot connect to the database: \(reason)")
            }
            adopt(best)
        }
    }

    /// A server that takes us.
    private struct Candidate {
        let handle: ConnectionHandle
        let parameters: [String: String]
        let timeline: Int64?
    }

    private func adopt(_ candidate: Candidate) {
        handle = candidate.handle
        canceller = candidate.handle.makeCancelHandle()
        configuration.hostPreference.note(candidate.parameters, timeline: candidate.timeline)
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
