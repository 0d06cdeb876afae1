/// What both ways in write down beside the events themselves.
protocol IntakeRecording: Sendable {
    /// Keeps something for the operator. Returns once it is durable, and whether it is; `isKnown` when its sender is.
    func keep(_ kept: KeptNotification, isKnown: Bool) async -> Bool
    func note(accountID: Int32, source: String, isEvent: Bool)
    func confirmed(_ source: String, accountID: Int32) async throws
    func ended(_ source: String, accountID: Int32) async throws
}
