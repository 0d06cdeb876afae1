public import Capacity

/// An SES account as the directory holds it.
public struct Account: Sendable {
    public let id: Int32
    public let name: String
    public let awsRegion: String
    public let endpoint: String?
    public let quota: AccountDocument.Quota
    public let window: AccountDocument.Window
    public let configurationSet: String?
    public let credentials: AccountDocument.Credentials?
    public let snsTopics: [String]
    public let sqsQueueURL: String?
    /// Stopped by an operator.
    public let isPaused: Bool
    /// The share tree with the account itself as root, in the order that `ShareTree` lays it out.
    public let shares: [Share]
    /// Share numbers by path; "" is the account.
    public let shareIDs: [String: Int32]

    /// The document that describes this account as it is.
    var document: AccountDocument {
        AccountDocument(
            name: name,
            awsRegion: awsRegion,
            endpoint: endpoint,
            quota: quota,
            window: window,
            configurationSet: configurationSet,
            credentials: credentials,
            snsTopics: snsTopics,
            sqsQueueURL: sqsQueueURL,
            shares: shares
        )
    }
}
