import Mail

extension EntryID {
    /// Parses the text of a tag; nil for what is no id of ours.
    public init?(text: String) {
        if let id = OutboxID(text) {
            self = .row(id)
        } else if let id = MessageID(text) {
            self = .message(id)
        } else {
            return nil
        }
    }
}
