/// Which events a message has, and how long after its acceptance.
struct Timeline {
    struct Step: Equatable {
        var kind: EventKind
        /// Places in the message's list of recipients.
        var recipients: [Int]
        /// Nanoseconds after the instant at which the send was counted.
        var after: Int64
        var reason: BounceReason?
    }

    private(set) var steps: [Step] = []

    /// `fates` as ``Fate/together(_:)`` leaves them. Each stage of a recipient's way takes one draw of `delay`. With `bundles`, deliveries are reported together, and so
    /// are bounces for the same reason.
    init(_ fates: [Fate], delay: LatencyRange, bundles: Bool, using generator: inout some RandomNumberGenerator) {
        let everybody = Array(fates.indices)
        let sent = delay.draw(using: &generator)
        steps.append(Step(kind: .send, recipients: everybody, after: sent))
        if fates.first?.ending == .rejected {
            let after = sent + delay.draw(using: &generator)
            steps.append(Step(kind: .reject, recipients: everybody, after: after))
            return
        }
        for (place, fate) in fates.enumerated() {
            append(fate, of: place, after: sent, delay: delay, using: &generator)
        }
        if bundles { bundle() }
    }

    /// Says everything in the opposite order: a complaint or bounce before the `Send`.
    mutating func reverse() {
        let instants = steps.map(\.after).sorted(by: >)
        steps.sort { $0.after < $1.after }
        for index in steps.indices { steps[index].after = instants[index] }
    }

    private mutating func append(
        _ fate: Fate,
        of place: Int,
        after sent: Int64,
        delay: LatencyRange,
        using generator: inout some RandomNumberGenerator
    ) {
        var after = sent
        func step(_ kind: EventKind, _ reason: BounceReason? = nil) -> Step {
            after += delay.draw(using: &generator)
            return Step(kind: kind, recipients: [place], after: after, reason: reason)
        }
        if fate.isDelayed { steps.append(step(.deliveryDelay)) }
        switch fate.ending {
        case .bounced(let reason):
            steps.append(step(.bounce, reason))
            return
        case .delivered, .rejected: steps.append(step(.delivery))
        case .complained: steps += [step(.delivery), step(.complaint)]
        case .answered: steps += [step(.delivery), step(.bounce, .outOfOffice)]
        }
        if fate.isOpened { steps.append(step(.open)) }
        if fate.isClicked { steps.append(step(.click)) }
    }

    private mutating func bundle() {
        var bundled: [Step] = []
        for step in steps {
            let mate = bundled.firstIndex { $0.kind == step.kind && $0.reason == step.reason }
            if let mate, step.kind == .delivery || step.kind == .bounce {
                bundled[mate].recipients += step.recipients
                bundled[mate].after = max(bundled[mate].after, step.after)
            } else {
                bundled.append(step)
            }
        }
        steps = bundled
    }
}
