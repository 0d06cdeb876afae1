/// What everybody saw of a run: the clients, the database, SES, and the tenant's endpoint. ``FaultCheck`` compares it.
public struct FaultWitness: Sendable {
    /// A message as its client offered it, once.
    public struct Post: Sendable {
        public enum Answer: Sendable, Equatable {
            /// 202 with this id.
            case accepted(RowID)
            /// An answer that promises that nothing was stored, or no connection.
            case refused
            /// No answer, or one that leaves it open.
            case uncertain
        }

        public var share: Int
        public var recipients: Int
        public var answer: Answer

        public init(share: Int, recipients: Int, answer: Answer) {
            self.share = share
            self.recipients = recipients
            self.answer = answer
        }
    }

    /// An outbox row when all was over.
    public struct Row: Sendable {
        /// The number of its post, from its recipient's address.
        public var post: Int
        public var status: String
        /// Why, in words, where it failed.
        public var detail: String
        /// How many of its outcomes were recorded as unknown.
        public var unknowns: Int
        /// How often an event of each type is recorded.
        public var events: [String: Int]

        public init(post: Int, status: String, detail: String = "", unknowns: Int = 0, events: [String: Int] = [:]) {
            self.post = post
            self.status = status
            self.detail = detail
            self.unknowns = unknowns
            self.events = events
        }
    }

    /// An event of SES about a row, whether its receiver took it.
    public struct Said: Sendable {
        public var row: RowID
        /// As the feed calls it.
        public var type: String
        /// A receiver acknowledged it, so that it has to be known.
        public var isTaken: Bool

        public init(row: RowID, type: String, isTaken: Bool) {
            self.row = row
            self.type = type
            self.isTaken = isTaken
        }
    }

    public var posts: [Int: Post] = [:]
    public var rows: [RowID: Row] = [:]
    public var sends: [Send] = []
    public var said: [Said] = []
    /// The statuses that SES's word allows for a row.
    public var outcomes: [RowID: Set<String>] = [:]
    /// What was wrong with the feed and the webhooks, or had ended by itself.
    public var complaints: [String] = []

    public init() {}
}
