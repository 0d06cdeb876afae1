public import SES

public import struct Foundation.Date

/// What was found out about a domain or an address at one account.
public struct IdentityRow: Sendable {
    public var accountID: Int32
    public var name: String
    /// An admin has had it registered.
    public var isRegistered = false
    /// SES is still to be asked to make it.
    public var createWanted = false
    /// The MAIL FROM domain that SES is still to be told.
    public var mailFrom: String?
    /// Nil: SES knows none, or was not asked yet.
    public var ses: IdentityStatus?
    public var dns: [DNSFinding]?
    public var error: String?
    public var checkedAt: Date?
    public var dueAt: Date?
    public var since = Date(timeIntervalSince1970: 0)
    public var failures = 0

    public init(accountID: Int32, name: String) {
        self.accountID = accountID
        self.name = name
    }
}
