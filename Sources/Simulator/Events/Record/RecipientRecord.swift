/// One recipient of an accepted message in the ledger of events.
struct RecipientRecord: Sendable {
    let reference: OutboxReference
    let messageID: MessageID
    /// Where the address lies in the ledger's text.
    let address: Range<UInt32>
    /// The event after which the status does not change any more.
    let last: EventKind
    /// What has certainly reached the receiver, or was in SES's answer.
    var certain: StatusSet
    /// What may have reached it besides.
    var possible: StatusSet = []
    /// Planned events of which the receiver has neither all nor none yet.
    var pending: UInt8
}

/// One event about one recipient.
struct EventRecord: Sendable {
    /// What is known of its way to the receiver.
    enum State: UInt8, Sendable {
        case pending, delivered, lost, doubtful
    }

    /// Nanoseconds of CLOCK_BOOTTIME.
    let at: Int64
    let recipient: UInt32
    let kind: EventKind
    var state: State
}
