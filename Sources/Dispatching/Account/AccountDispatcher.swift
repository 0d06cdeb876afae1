import AWS
import Capacity
import Directory
import Logging
import Mail
import Outbox
import SES

/// Sends an account's mail for one term: claims what the scheduler plans, and runs the calls.
struct AccountDispatcher: Sendable {
    /// Claims are at least this far apart, so that a fast account claims in batches.
    private static let rhythm = Duration.milliseconds(10)
    private static let idle = Duration.seconds(1)
    private static let scanInterval = Duration.milliseconds(500)
    private static let mostPerClaim = 500

    let account: Account
    let lease: HeldLease
    let engine: AccountEngine
    let claimer: Claimer
    let loader: ContentLoader
    let sender: CallSender
    let settler: Settler
    let scan: QueueScan
    let directory: DirectoryCache
    let credentials: CredentialProvider
    let quota: QuotaWatch
    let store: AccountStateStore
    let logger: Logger

    /// Returns when the engine was stopped and every call has ended.
    func run() async {
        await withTaskGroup { side in
            side.addTask { await self.watchQueues() }
            side.addTask { await quota.run() }
            side.addTask { await credentials.keepFresh() }
            await withDiscardingTaskGroup { calls in
                var mustTidy = false
                while !engine.isStopping, !Task.isCancelled {
                    let started = ContinuousClock.now
                    do {
                        if mustTidy {
                            _ = try await claimer.returnForgotten(known: settler.openClaims)
                            mustTidy = false
                        }
                        if try await !claim(into: &calls) {
                            await engine.bell.wait(until: engine.nextPlan(atMost: Self.idle))
                        }
                        try? await Task.sleep(until: started + Self.rhythm, clock: .continuous)
                    } catch {
                        logger.warning("nothing claimed", metadata: ["error": "\(error)"])
                        mustTidy = true
                        try? await Task.sleep(for: .milliseconds(250))
                    }
                }
            }
            side.cancelAll()
        }
    }

    /// One claim with its calls; false when there was nothing to claim.
    private func claim(into calls: inout DiscardingTaskGroup) async throws -> Bool {
        guard lease.isTrusted, !settler.isLagging else { return false }
        let (requests, isProbe) = engine.plan(limit: Self.mostPerClaim)
        guard !requests.isEmpty else { return false }
        let claimed: Claimed
        do {
            claimed = try await claimer.claim(requests.map(\.want))
        } catch {
            engine.abandoned(requests)
            throw error
        }
        var slots: [EntryID: (share: Int32, startsAt: ContinuousClock.Instant, isOversized: Bool)] = [:]
        for (request, answer) in zip(requests, claimed.answers) {
            let starts = engine.claimed(
                request,
                ClaimAnswer(recipients: answer.entries.map(\.recipients), blockedBy: answer.blockedBy)
            )
            for (entry, startsAt) in zip(answer.entries, starts) {
                slots[entry.id] = (request.share, startsAt, request.takesOversized)
            }
        }
        guard let id = claimed.id else { return true }
        let entries = claimed.answers.flatMap(\.entries)
        let loaded: [ClaimedCall]
        do {
            loaded = try await claimer.load(entries.map(\.id), claimID: id)
        } catch {
            release(entries, slots: slots)
            throw error
        }
        let found = Set(loaded.map(\.entry))
        release(entries.filter { !found.contains($0.id) }, slots: slots)
        guard !loaded.isEmpty else { throw DispatchError("the claimed messages are gone") }
        settler.open(claim: id, entries: loaded.count)
        for part in loader.parts(loaded) {
            await send(
                part.compactMap { call in
                    slots[call.entry].map {
                        CallSender.Slot(
                            call: call,
                            shareID: $0.share,
                            startsAt: $0.startsAt,
                            isProbe: isProbe,
                            isOversized: $0.isOversized
                        )
                    }
                },
                into: &calls
            )
        }
        return true
    }

    private func send(_ slots: [CallSender.Slot], into calls: inout DiscardingTaskGroup) async {
        let contents: [MessageID: LoadedContent]
        do {
            contents = try await loader.load(slots.map(\.call))
        } catch {
            logger.warning("contents not read; the claimed messages go back", metadata: ["error": "\(error)"])
            for slot in slots {
                if !slot.isOversized { engine.release(share: slot.shareID, credits: slot.call.rows.count) }
                settler.settle(Outcome(call: slot.call, result: .returned))
            }
            return
        }
        for slot in slots {
            let content = contents[slot.call.entry.message]
            calls.addTask { await sender.send(slot, content: content) }
        }
    }

    private func release(
        _ entries: [Claimed.Entry],
        slots: [EntryID: (share: Int32, startsAt: ContinuousClock.Instant, isOversized: Bool)]
    ) {
        for entry in entries {
            guard let slot = slots[entry.id], !slot.isOversized else { continue }
            engine.release(share: slot.share, credits: entry.recipients)
        }
    }

    /// Finds backlog that nobody told us of, follows the directory, and shows what is known about the account.
    private func watchQueues() async {
        var version = directory.current?.version
        while !Task.isCancelled {
            if let signs = try? await scan.queues() { engine.note(signs) }
            if let current = directory.current, current.version != version,
                let account = current.accounts[account.id]
            {
                version = current.version
                engine.configure(account, lanes: current.lanes.values)
            }
            if let park = engine.takeUnsavedPark() {
                do {
                    try await store.write(park: park.reason, detail: park.detail)
                    if let reason = park.reason {
                        logger.warning(
                            "account parked",
                            metadata: ["reason": "\(reason.rawValue)", "detail": "\(park.detail)"]
                        )
                    }
                } catch {
                    engine.parkNotSaved()
                }
            }
            try? await Task.sleep(for: Self.scanInterval)
        }
    }
}

extension ClaimRequest {
    fileprivate var want: ClaimWant {
        ClaimWant(
            laneID: queue.lane,
            priority: Priority(rawValue: Int16(queue.priority.rawValue)) ?? .normal,
            recipients: credits,
            takesOversized: takesOversized
        )
    }
}
