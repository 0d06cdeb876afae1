import Capacity

extension WorldLife {
    /// Claims if there is something to claim, now or when the scheduler says.
    func wake() {
        guard isTrusted, !isClaiming, !hasStopped, process.state == .running else { return }
        let now = process.now
        let requests = scheduler.plan(now: now, limit: 250)
        if requests.isEmpty {
            guard let next = scheduler.nextPlan(now: now) else { return }
            let at = max(next, now + .millisecond)
            if let wakesAt, wakesAt <= at, wakesAt > now { return }
            wakesAt = at
            process.at(at) { [self] in
                if wakesAt == at { wakesAt = nil }
                wake()
            }
            return
        }
        claim(requests)
    }

    private func claim(_ requests: [ClaimRequest]) {
        isClaiming = true
        var claimed: [Int32] = []
        process.ask({ [self] in
            let answers = requests.map { world.database.claim($0) }
            claimed = answers.flatMap(\.rows)
            for (request, answer) in zip(requests, answers) {
                for row in answer.rows { pending[row] = request.queue }
            }
            return world.database.leases[worker]?.state == .live ? answers : putAllBack(claimed)
        }) { [self] answers in
            isClaiming = false
            guard let answers else {
                // The reply was lost: what it claimed is found later and goes back.
                for request in requests { scheduler.abandoned(request) }
                process.after(2 * .second) { [self] in putPendingBack(claimed) }
                return process.after(20 * .millisecond) { [self] in wake() }
            }
            for (request, answer) in zip(requests, answers) { schedule(request, answer) }
            wake()
        }
    }

    private func putAllBack<Answer>(_ rows: [Int32]) -> Answer? {
        putPendingBack(rows)
        return nil
    }

    func putPendingBack(_ rows: [Int32]) {
        for row in rows {
            if let queue = pending.removeValue(forKey: row) { world.database.putBack(row, into: queue) }
        }
    }

    private func schedule(_ request: ClaimRequest, _ answer: (rows: [Int32], answer: ClaimAnswer)) {
        let reservations = scheduler.claimed(request, answer.answer, now: process.now)
        if request.takesOversized {
            for row in answer.rows where pending.removeValue(forKey: row) != nil {
                world.database.finish(row)
                world.refused += 1
            }
            return
        }
        for (row, reservation) in zip(answer.rows, reservations) {
            process.at(reservation.startsAt) { [self] in startCall(row, reservation) }
        }
    }

    private func startCall(_ row: Int32, _ reservation: Reservation) {
        guard let queue = pending[row] else {
            // It went back meanwhile.
            if !isOver { scheduler.release(reservation) }
            return
        }
        guard isTrusted else {
            guard !isOver else { return }
            scheduler.release(reservation)
            return process.after(.millisecond) { [self] in putPendingBack([row]) }
        }
        if let later = scheduler.start([reservation], now: process.now) {
            return process.at(later) { [self] in startCall(row, reservation) }
        }
        pending[row] = nil
        let options = world.options
        let luck = world.random(0...999)
        let isLost = luck < options.lostAnswers
        let latency = isLost ? 3 * .second : world.random(options.latency)
        let mostAfter = isLost ? latency + Self.margin : latency
        let call = Call(
            share: reservation.share,
            queue: queue,
            row: row,
            width: reservation.credits,
            startedAt: world.now,
            startedAtHere: process.now,
            counts: world.now + world.random(0...mostAfter)
        )
        callNumber += 1
        let number = callNumber
        calls[number] = call
        world.longestCall = max(world.longestCall, latency)
        if isLost {
            process.after(latency) { [self] in reset(number) }
        } else if luck - options.lostAnswers < world.refusals {
            world.afterForProcess(latency, process) { [self] in refused(number) }
        } else {
            world.afterForProcess(latency, process) { [self] in answered(number) }
        }
    }

    private func answered(_ number: Int) {
        guard let call = calls.removeValue(forKey: number) else { return }
        world.count(call, endedAt: world.now, life: self)
        world.database.finish(call.row)
        ended(call, usedAt: process.now)
        wake()
    }

    private func refused(_ number: Int) {
        guard let call = calls.removeValue(forKey: number) else { return }
        ended(call, usedAt: process.now)
        world.database.putBack(call.row, into: call.queue)
        throttled += 1
        let count = throttled
        process.ask(
            { [self] in
                world.database.workers[worker]?.throttled = count
                world.hintLeader()
                return true
            },
            reply: { (_: Bool?) in }
        )
        wake()
    }

    private func ended(_ call: Call, usedAt: MonotonicTime) {
        scheduler.ended(
            share: call.share,
            credits: call.width,
            startedAt: call.startedAtHere,
            usedAt: usedAt - world.options.bugs.coolsShort
        )
    }

    /// A call without an answer: SES may count it up to `margin` after its connection was reset.
    private func reset(_ number: Int) {
        guard let call = calls.removeValue(forKey: number) else { return }
        ended(call, usedAt: process.now + Self.margin)
        resolve(call)
        wake()
    }

    /// What became of a call that was reset: an event of SES says it later, or it is sent again.
    private func resolve(_ call: Call) {
        let wasCounted = world.count(call, endedAt: world.now, life: self)
        world.after(5 * .second) { [world] in
            if wasCounted {
                world.database.finish(call.row)
            } else {
                world.database.putBack(call.row, into: call.queue)
            }
        }
    }

    /// All open calls are reset: the deadline came, or the process is gone.
    func resetAll() {
        for number in calls.keys.sorted() {
            guard let call = calls.removeValue(forKey: number) else { continue }
            if process.state != .dead { ended(call, usedAt: process.now + Self.margin) }
            resolve(call)
        }
    }
}
