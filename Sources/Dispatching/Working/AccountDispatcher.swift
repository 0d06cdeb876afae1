import AWS
import Capacity
import Directory
import Logging
import Mail
import Outbox
import SES

/// Sends an account's mail while its connection is configured as it is: claims what the scheduler plans, and runs the calls.
struct AccountDispatcher: Sendable {
    /// Claims are at least this far apart, so that a fast account claims in batches.
    private static let rhythm = Duration.milliseconds(10)
    /// When rows wait that may overtake others which are claimed: those are not to make them wait for the rhythm as well.
    private static let urgentRhythm = Duration.milliseconds(5)
    private static let soon = Duration.milliseconds(5)
    private static let idle = Duration.seconds(1)
    private static let mostPerClaim = 500
    private static let tidyInterval = Duration.seconds(30)

    let account: Account
    let lease: HeldLease
    let engine: AccountEngine
    let claimer: Claimer
    let loader: ContentLoader
    let sender: CallSender
    let settler: Settler
    let credentials: CredentialProvider
    /// What SES is told of calls besides their messages, as it is configured now.
    let terms: @Sendable () -> CallTerms
    /// Says that the account is configured differently by now.
    let isOutdated: @Sendable () -> Bool
    let logger: Logger

    /// Where a claimed entry's call belongs.
    private struct Place {
        var reservation: Reservation
        let kind: CallSender.Slot.Kind
    }

    /// Returns when the engine was stopped or the account is configured differently, and every call has ended.
    func run() async {
        await withTaskGroup { side in
            side.addTask { await credentials.keepFresh() }
            await claimAndSend()
            side.cancelAll()
        }
        await tidyUp()
    }

    private func claimAndSend() async {
        await withDiscardingTaskGroup { calls in
            var tidyAt = ContinuousClock.now
            while !engine.isStopping, !isOutdated(), !Task.isCancelled {
                let started = ContinuousClock.now
                do {
                    if started >= tidyAt {
                        try await tidy()
                        tidyAt = started + Self.tidyInterval
                    }
                    if try await !claim(into: &calls) {
                        await engine.bell.wait(until: engine.nextPlan(atMost: Self.idle))
                    }
                    try? await Task.sleep(until: started + Self.urgentRhythm, clock: .continuous)
                    if !engine.hasNewcomer {
                        try? await Task.sleep(until: started + Self.rhythm, clock: .continuous)
                    }
                } catch {
                    logger.warning("nothing claimed", metadata: ["error": "\(error)"])
                    tidyAt = started
                    try? await Task.sleep(for: .milliseconds(250))
                }
            }
        }
    }

    /// Gives back claims of ours that nobody works on: a commit that was not learned of, or rows that could not be read.
    private func tidy() async throws {
        let returned = try await claimer.returnForgotten(known: settler.openClaims)
        guard !returned.isEmpty else { return }
        settler.sign(returned)
        logger.notice("forgotten claims went back", metadata: ["queues": "\(returned.count)"])
    }

    /// Before the lease is given back, which it cannot be with claims.
    private func tidyUp() async {
        while lease.isTrusted, !Task.isCancelled {
            do {
                try await tidy()
                return
            } catch {
                try? await Task.sleep(for: .milliseconds(250))
            }
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
            engine.abandoned(requests, isProbe: isProbe)
            throw error
        }
        var places = places(of: claimed, for: requests)
        guard let id = claimed.id else {
            if isProbe { engine.probeFoundNothing() }
            return true
        }
        let entries = claimed.answers.flatMap(\.entries)
        let loaded: [ClaimedCall]
        do {
            loaded = try await claimer.load(entries.map(\.id), claimID: id)
        } catch {
            release(entries, of: &places, isProbe: isProbe)
            throw error
        }
        let rows = Dictionary(loaded.map { ($0.entry, $0.rows.count) }, uniquingKeysWith: +)
        let isFunded = Set(entries.map(\.id).filter { places[$0]?.kind == .funded })
        // Nothing is kept reserved for rows that are gone or need not be sent any more.
        let rest = entries.filter { !rows.keys.contains($0.id) || isFunded.contains($0.id) }
            .map { Claimed.Entry(id: $0.id, recipients: $0.recipients - rows[$0.id, default: 0]) }
        release(rest.filter { $0.recipients > 0 }, of: &places, isProbe: isProbe)
        guard !loaded.isEmpty else { throw DispatchError("the claimed messages are gone") }
        settler.open(claim: id, entries: loaded.count)
        // What has more rows than credits were reserved for goes back, to be claimed as what it is.
        let wide = Set(rest.filter { $0.recipients < 0 }.map(\.id))
        release(entries.filter { wide.contains($0.id) }, of: &places, isProbe: isProbe)
        for call in loaded where wide.contains(call.entry) { settler.settle(Outcome(call: call, result: .returned)) }
        let current = terms()
        let slots = loaded.filter { !wide.contains($0.entry) }
            .compactMap { slot(for: $0, from: &places, isProbe: isProbe, terms: current) }
        // What is due does not wait for the contents of what is not.
        let soon = ContinuousClock.now + Self.soon
        for group in [slots.filter { $0.startsAt <= soon }, slots.filter { $0.startsAt > soon }] {
            for part in loader.parts(group) { await send(part, into: &calls) }
        }
        return true
    }

    private func places(of claimed: Claimed, for requests: [ClaimRequest]) -> [EntryID: Place] {
        var places: [EntryID: Place] = [:]
        for (request, answer) in zip(requests, claimed.answers) {
            let reservations = engine.claimed(
                request,
                ClaimAnswer(recipients: answer.entries.map(\.recipients), blockedBy: answer.blockedBy)
            )
            for (entry, reservation) in zip(answer.entries, reservations) {
                let kind: CallSender.Slot.Kind =
                    if !request.takesOversized { .funded } else if entry.recipients > request.capacity {
                        .oversized(capacity: request.capacity)
                    } else { .unfunded }
                places[entry.id] = Place(reservation: reservation, kind: kind)
            }
        }
        return places
    }

    private func send(_ slots: [CallSender.Slot], into calls: inout DiscardingTaskGroup) async {
        let contents: [MessageID: LoadedContent]
        do {
            contents = try await loader.load(slots.map(\.call))
        } catch {
            logger.warning("contents not read; the claimed messages go back", metadata: ["error": "\(error)"])
            for slot in slots {
                if slot.kind == .funded {
                    engine.release(slot.reservation, isProbe: slot.isProbe)
                } else if slot.isProbe {
                    engine.probeFoundNothing()
                }
                settler.settle(Outcome(call: slot.call, result: slot.call.isSuppressed ? .suppressed : .returned))
            }
            return
        }
        let plan = BulkPlan(slots, contents: contents, sharing: engine.sharing)
        for rides in plan.groups { calls.addTask { await BulkSender(calls: sender, logger: logger).send(rides) } }
        for slot in plan.alone {
            let content = contents[slot.call.entry.message]
            calls.addTask { await sender.send(slot, content: content) }
        }
    }

    /// A call with its part of what is reserved for its entry.
    private func slot(
        for call: ClaimedCall,
        from places: inout [EntryID: Place],
        isProbe: Bool,
        terms: CallTerms
    ) -> CallSender.Slot? {
        guard var place = places[call.entry] else { return nil }
        let reservation = place.reservation.take(place.kind == .funded ? call.rows.count : 0)
        places[call.entry] = place
        return CallSender.Slot(
            call: call,
            reservation: reservation,
            startsAt: engine.instant(reservation.startsAt),
            isProbe: isProbe,
            kind: place.kind,
            terms: terms.of(call)
        )
    }

    private func release(_ entries: [Claimed.Entry], of places: inout [EntryID: Place], isProbe: Bool) {
        for entry in entries {
            guard var place = places[entry.id], place.kind == .funded else {
                if isProbe { engine.probeFoundNothing() }
                continue
            }
            engine.release(place.reservation.take(entry.recipients), isProbe: isProbe)
            places[entry.id] = place
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
