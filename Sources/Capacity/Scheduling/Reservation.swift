/// The credits of one claimed row, until its call begins or the row goes back.
public struct Reservation: Sendable {
    /// The share's number in the directory.
    public let share: Int32
    public private(set) var credits: Int
    /// When the call may begin, as things were when it was claimed: `AccountScheduler.start` has the last word.
    public let startsAt: MonotonicTime
    /// The virtual time of its lane.
    let tag: UInt64
    /// Its place among the calls on one credit, which may change turns. A call on several keeps its time.
    let ticket: StartQueue.Ticket?
    /// Its lane, if the call heeds a ceiling of it.
    var boundLane: Int32?

    init(share: Int32, credits: Int, startsAt: MonotonicTime, tag: UInt64, ticket: StartQueue.Ticket? = nil) {
        self.share = share
        self.credits = credits
        self.startsAt = startsAt
        self.tag = tag
        self.ticket = ticket
    }

    /// Takes the credits of some of the row's recipients, or of all.
    public mutating func take(_ credits: Int) -> Reservation {
        precondition(credits >= 0 && credits <= self.credits, "more credits were taken than were reserved")
        var taken = self
        taken.credits = credits
        self.credits -= credits
        return taken
    }
}
