public import Capacity

/// An SES account as the directory holds it.
public struct Account: Sendable {
    public let id: Int32
    public let name: String
    /// Grows with every change to the account or its shares.
    public var version: Int64 = 1
    public let awsRegion: String
    public let endpoint: String?
    public let quota: AccountDocument.Quota
    public let window: AccountDocument.Window
    public let configurationSet: String?
    public let credentials: AccountDocument.Credentials?
    public let snsTopics: [String]
    public let sqsQueueURL: String?
    /// What is suppressed for a tenant goes into SES's own list of the account, too.
    public var mirrorsSuppressions = false
    /// When tenants that harm its standing with SES are warned, slowed and paused.
    public var reputation = ReputationThresholds()
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
            settings: AccountSettings(
                awsRegion: awsRegion,
                endpoint: endpoint,
                quota: quota,
                window: window,
                configurationSet: configurationSet,
                credentials: credentials,
                snsTopics: snsTopics,
                sqsQueueURL: sqsQueueURL,
                mirrorsSuppressions: mirrorsSuppressions,
                reputation: reputation
            ),
            shares: shares
        )
    }

    /// What each share has for its own lanes, by path: its rate less its shares' rates. Without a limit for the account
    /// itself while its quota is not known.
    var ownRates: [String: Int] {
        guard let tree = try? document.tree() else { return [:] }
        var rates = Dictionary(uniqueKeysWithValues: tree.nodes.map { ($0.path, $0.ownRate) })
        if case .auto = quota { rates[""] = .max }
        return rates
    }
}
