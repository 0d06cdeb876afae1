import Capacity
import Logging
import Outbox

/// Keeps a worker's credits in line with its grants: takes what it is granted, gives back what it is not, and says what it
/// has a use for.
struct GrantFollower: Sendable {
    /// The tables are looked at this often without a hint.
    private static let poll = Duration.milliseconds(500)
    /// While something is in use or waits: how often it is looked at whether there is something to report.
    private static let rhythm = Duration.milliseconds(50)
    private static let least = Duration.milliseconds(20)

    let store: WorkerStore
    let engine: AccountEngine
    let bells: AccountBells
    /// Called when shares are served here that were not before: their queues are to be looked at.
    let onPlacement: @Sendable () -> Void
    let logger: Logger

    /// Returns when the engine holds nothing any more after its stop, when the life is over, or when cancelled.
    func run() async {
        var readAt = ContinuousClock.now
        var isEntered = false
        while !Task.isCancelled {
            let started = ContinuousClock.now
            do {
                if !isEntered {
                    guard try await store.register() else { return }
                    isEntered = true
                }
                try await report()
                if started >= readAt || engine.takeGrantHint() {
                    isEntered = try await read()
                    readAt = started + Self.poll
                }
            } catch {
                if !Task.isCancelled { logger.debug("grants not followed", metadata: ["error": "\(error)"]) }
                try? await Task.sleep(for: Self.rhythm)
            }
            try? await Task.sleep(until: started + Self.least, clock: .continuous)
            await bells.workers.wait(until: engine.isBusy ? started + Self.rhythm : readAt)
        }
    }

    private func report() async throws {
        if let state = engine.takeUnsavedState() {
            do {
                try await store.write(
                    park: state.park,
                    detail: state.detail,
                    throttled: state.throttled,
                    toldElsewhere: engine.hasCompany
                )
                bells.leader.ring()
                if let park = state.park, state.isNews {
                    logger.warning(
                        "account parked",
                        metadata: ["reason": "\(park.rawValue)", "detail": "\(state.detail)"]
                    )
                }
            } catch {
                engine.stateNotSaved()
                throw error
            }
        }
        let reports = engine.reports()
        guard !reports.isEmpty else { return }
        try await store.report(reports, toldElsewhere: engine.hasCompany)
        engine.reported(reports)
        bells.leader.ring()
    }

    /// Returns false when the worker is no longer entered.
    private func read() async throws -> Bool {
        guard let reading = try await store.read() else { return false }
        if engine.take(reading) { onPlacement() }
        return true
    }
}
