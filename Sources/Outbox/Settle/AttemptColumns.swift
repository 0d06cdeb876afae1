/// What the send log says of the attempts of a batch of outcomes as columns; NULLs for a row that says nothing of its own.
struct AttemptColumns {
    private(set) var accounts: [Int32?] = []
    private(set) var shares: [Int32?] = []
    private(set) var nodes: [String?] = []
    private(set) var epochs: [Int64?] = []
    private(set) var attempts: [Int16?] = []
    private(set) var starts: [Int64?] = []
    private(set) var answers: [Int64?] = []
    private(set) var outcomes: [String?] = []

    mutating func append(_ outcome: Outcome?) {
        let record = outcome?.attempt
        accounts.append(record?.accountID)
        shares.append(record?.shareID)
        nodes.append(record?.node)
        epochs.append(record?.epoch)
        attempts.append(outcome?.call.rows.first.map { $0.attempt &+ 1 })
        starts.append(record?.startedAt)
        answers.append(record?.answeredAt)
        outcomes.append(outcome?.result.logName)
    }
}
