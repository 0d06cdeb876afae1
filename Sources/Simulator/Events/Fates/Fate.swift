/// What becomes of one recipient's copy of a message. A pure function of seed, outbox id and recipient, so that a test can
/// foresee it, and a message that was sent twice meets it twice.
struct Fate: Equatable, Sendable {
    enum Ending: Equatable, Sendable {
        case delivered
        case bounced(BounceReason)
        /// Delivered, then reported as unwanted.
        case complained
        /// Delivered, then answered by a machine, which SES reports as a transient bounce.
        case answered
        case rejected
    }

    var ending: Ending
    var isDelayed = false
    var isOpened = false
    var isClicked = false

    init(_ ending: Ending) {
        self.ending = ending
    }

    /// `recipient` is a bare address; `outboxID` nil for a send without a tag.
    init(of recipient: String, outboxID: String?, seed: UInt64, shares: FateShares) {
        if let mailbox = EmailAddress.simulatedMailbox(recipient) {
            self = Self.simulated(mailbox)
            return
        }
        var generator = SplitMix64(seed: Self.hash(seed, outboxID ?? "", recipient.lowercased()))
        let draw = Double.random(in: 0..<1, using: &generator)
        if draw < shares.rejected {
            ending = .rejected
        } else if draw < shares.rejected + shares.bounced {
            ending = .bounced(.general)
        } else if draw < shares.rejected + shares.bounced + shares.complained {
            ending = .complained
        } else {
            ending = .delivered
        }
        // Drawn in any case, so that one share does not move the others.
        isDelayed = Double.random(in: 0..<1, using: &generator) < shares.delayed && ending != .rejected
        isOpened = Double.random(in: 0..<1, using: &generator) < shares.opened && ending == .delivered
        isClicked = Double.random(in: 0..<1, using: &generator) < shares.clicked && isOpened
    }

    /// The fates of one message's recipients together: SES rejects a message as a whole, by its first recipient's fate.
    static func together(_ fates: [Fate]) -> [Fate] {
        if fates.first?.ending == .rejected { return fates.map { _ in Fate(.rejected) } }
        return fates.map { $0.ending == .rejected ? Fate(.delivered) : $0 }
    }

    /// The last event that moves the status.
    var last: EventKind {
        switch ending {
        case .delivered: .delivery
        case .bounced, .answered: .bounce
        case .complained: .complaint
        case .rejected: .reject
        }
    }

    private static func simulated(_ mailbox: String) -> Fate {
        switch mailbox {
        case "bounce": Fate(.bounced(.general))
        case "ooto": Fate(.answered)
        case "complaint": Fate(.complained)
        case "suppressionlist": Fate(.bounced(.suppressedGlobally))
        default: Fate(.delivered)
        }
    }

    /// FNV-1a over the texts, mixed with the seed.
    static func hash(_ seed: UInt64, _ texts: String...) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for text in texts {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            // Ends a text, which has no such byte.
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        return SplitMix64.mix(hash ^ SplitMix64.mix(seed))
    }
}
