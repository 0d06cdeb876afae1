import Hummingbird
import NIOCore
import ServiceLifecycle

/// Takes an SES call from its head to its answer: faults, body, latency, count, answer.
struct CallResponder: Sendable {
    let simulation: Simulation

    func respond(
        to request: Request,
        operation: SendRequest.Operation,
        context: SimulatorContext
    ) async throws -> Response {
        if let fault = simulation.early(operation) {
            if fault == .resetDuringBody {
                // The first part is enough; the rest stays in the socket.
                for try await _ in request.body { break }
            }
            try await ConnectionEnd.reset(context.channel)
        }
        guard let body = try await request.wholeBody() else { return refusal(.tooLarge) }
        // Signatures are not checked, but an unsigned call is a mistake.
        guard request.headers[.authorization] != nil else { return refusal(.unauthenticated) }
        let call = SendRequest.parse(body, operation: operation)
        let plan = simulation.plan(call)
        if case .hang = plan.fault {
            // Else a client's FIN would leave the connection half open, and nobody would notice that it has gone.
            try await context.channel.setOption(.allowRemoteHalfClosure, value: false).get()
        }
        let reply = try await count(call, plan, on: context.channel.eventLoop)
        switch reply {
        case .answer(let status, let error, let body):
            return Response(ses: status, error: error, body: body, requestID: simulation.requestID())
        case .reset:
            try await ConnectionEnd.reset(context.channel)
        case .hang(let limit):
            try await hang(limit: limit, channel: context.channel)
        }
    }

    func refusal(_ failure: ServiceFailure) -> Response {
        guard case .answer(let status, let error, let body) = Reply.failure(failure) else {
            return Response(status: .internalServerError)
        }
        return Response(ses: status, error: error, body: body, requestID: simulation.requestID())
    }

    /// Counts the call at its instant and waits for the rest of its latency, which a shutdown does not cut short.
    ///
    /// Both timers are the event loop's: punctual under load, and only the second one wakes another thread.
    private func count(_ call: SendRequest, _ plan: Plan, on loop: any EventLoop) async throws -> Reply {
        guard plan.before + plan.after > 0 else { return simulation.count(call, fault: plan.fault) }
        let simulation = simulation
        return try await loop.flatScheduleTask(in: .nanoseconds(plan.before)) {
            let reply = simulation.count(call, fault: plan.fault)
            return loop.scheduleTask(in: .nanoseconds(plan.after)) { reply }.futureResult
        }.futureResult.get()
    }

    /// Waits until the client leaves, the limit has passed or the server stops; then closes without an answer.
    private func hang(limit: Duration, channel: any Channel) async throws -> Never {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await cancelWhenGracefulShutdown {
                    try await Task.sleep(for: limit, clock: .continuous)
                }
                try? await channel.close().get()
            }
            try? await channel.closeFuture.get()
            group.cancelAll()
        }
        throw ConnectionEnd()
    }
}
