/// An event that was said, shared by its notifications: the last of them ends it.
struct SaidEvent: Sendable {
    let number: Int
    let text: EventText
    let fault: EventFault?
    /// Its entries in the ledger.
    let entries: Range<Int>?

    /// Its recipients' places in the ledger.
    var records: [Int] {
        guard let first = text.mail.records?.lowerBound else { return [] }
        return text.recipients.map { first + $0 }
    }
}
