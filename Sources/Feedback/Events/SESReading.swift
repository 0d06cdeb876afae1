/// What a notification of SES turned out to be.
public enum SESReading: Sendable {
    /// One element for each recipient that it names.
    case events([SESEvent])
    /// Mail that somebody else sends through the account.
    case notOurs
    /// SES's word that it may publish to a topic.
    case setupNotice
    /// SES's, and about nothing that we keep a status of.
    case unused(type: String)
    /// - Parameter reason: a word for the operator's list, such as `not_json`.
    case unreadable(reason: String, detail: String)
}
