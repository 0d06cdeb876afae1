public import Directory
public import Mail
import SES

/// A tenant's sender as it stands at each account that its mail goes out through. Pure.
public struct SenderView: Sendable {
    public struct AtAccount: Sendable {
        public let account: String
        public let awsRegion: String
        public let identityARN: String?
        public let row: IdentityRow?
        public let report: IdentityReport
    }

    public let sender: SenderName
    public let look: DomainLook
    public let isShared: Bool
    public let accounts: [AtAccount]

    public init(_ sender: SenderName, tenant: Tenant, directory: DirectorySnapshot, rows: [IdentityRow]) {
        self.sender = sender
        look = DomainLook(sender.domain)
        isShared = tenant.sharedDomains.contains(sender.text)
        accounts = tenant.sendingAccounts.compactMap { directory.account(named: $0) }.map { account in
            AtAccount(
                sender,
                account: account,
                row: rows.first { $0.accountID == account.id && $0.name == sender.text },
                identityARN: tenant.identityARN(for: sender, account: account.name),
                isForOperator: false
            )
        }
    }

    /// Where it stands worst.
    public var standing: IdentityReport.Standing {
        accounts.map(\.report.standing).max { $0.badness < $1.badness } ?? .unknown
    }
}

extension SenderView.AtAccount {
    /// What SES knows it as: itself, or a domain that covers it.
    public var identity: String? { row?.ses?.name }
    public var isVerified: Bool? { row?.ses?.isVerified }
    /// In SES's words, as is that of the MAIL FROM domain.
    public var dkimState: String? { row?.ses?.dkimState }
    public var mailFrom: String? { row?.ses?.mailFrom }
    public var mailFromState: String? { row?.ses?.mailFromState }

    public init(
        _ sender: SenderName,
        account: Account,
        row: IdentityRow?,
        identityARN: String? = nil,
        isForOperator: Bool = true
    ) {
        self.account = account.name
        awsRegion = account.awsRegion
        self.identityARN = identityARN
        self.row = row
        report = IdentityReport(
            sender: sender,
            row: row,
            identityARN: identityARN,
            account: account.name,
            region: account.awsRegion,
            isForOperator: isForOperator
        )
    }
}

extension IdentityReport.Standing {
    fileprivate var badness: Int {
        switch self {
        case .verified: 0
        case .foreign: 1
        case .incomplete: 2
        case .unknown: 3
        case .pending: 4
        case .unregistered: 5
        }
    }
}
