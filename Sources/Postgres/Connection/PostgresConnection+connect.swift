import Synchronization

extension PostgresConnection {
    /// Tries each host once, in order.
    func open(until deadline: Deadline) async throws {
        try await interruptible { ticket in
            var reasons: [String] = []
            let attempts = configuration.attempts
            for (index, parameters) in attempts.enumerated() where !deadline.hasPassed {
                // A silent host must not use up the time of those behind it.
                let share = deadline.share(of: attempts.count - index)
                let limit = share.earlier(.after(configuration.attemptTimeout))
                let handle = try ConnectionHandle.start(parameters, wakeUp: interrupt.wakeUp)
                if let reason = try failure(ofConnecting: handle, ticket: ticket, until: limit) {
                    reasons.append(reason)
                } else {
                    adopt(handle)
                    configuration.hostPreference.note(parameters)
                    return
                }
            }
            let reason = reasons.isEmpty ? "no time was left" : reasons.joined(separator: "; ")
            throw PostgresError(.unavailable, "cannot connect to the database: \(reason)")
        }
    }

    private func adopt(_ handle: ConnectionHandle) {
        self.handle = handle
        canceller = handle.makeCancelHandle()
        let backendPID = handle.backendPID
        health.withLock { $0.backendPID = backendPID }
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
