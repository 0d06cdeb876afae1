public import Mail
import SES

/// How a sender stands at one account, in plain words. Pure: what SES and DNS said goes in.
public struct IdentityReport: Sendable {
    public enum Standing: String, Sendable {
        /// SES sends, and receivers can tell that it may.
        case verified
        /// SES sends; receivers may doubt it.
        case incomplete
        /// SES does not send yet.
        case pending
        /// SES has no such identity.
        case unregistered
        /// The identity is another AWS account's, of which SES tells us nothing.
        case foreign
        /// SES was not asked yet, or could not be.
        case unknown
    }

    /// A record with how it stands.
    public struct Record: Sendable {
        public let wanted: WantedRecord
        public let state: RecordState
        public let found: [String]
    }

    public let standing: Standing
    public let records: [Record]
    public let alignment: Alignment
    /// What is to be done, the most important first.
    public let missing: [String]

    /// - Parameters:
    ///   - row: nil: it was never looked at.
    ///   - identityARN: of another AWS account's identity, as configured.
    ///   - account: for the words.
    ///   - isForOperator: why SES could not be asked is said, too. That names the account's credentials, which are no tenant's business.
    public init(
        sender: SenderName,
        row: IdentityRow?,
        identityARN: String? = nil,
        account: String,
        region: String,
        isForOperator: Bool
    ) {
        let status = row?.ses
        let findings = row?.dns ?? []
        let wanted = RecordPlan(sender: sender, status: status, region: region).records
        let records = wanted.map { wanted in
            let (state, found, _) = wanted.state(by: findings)
            return Record(wanted: wanted, state: state, found: found)
        }
        let alignment = Alignment(sender: sender, status: status, records: wanted, findings: findings)
        self.records = records
        self.alignment = alignment
        var words: [String] = []
        if let error = row?.error {
            words.append(
                "SES could not be asked in account \(account)"
                    + (isForOperator ? ": \(error)" : "; that is tried again by itself.")
            )
        }
        if row?.checkedAt == nil {
            standing = .unknown
            if row?.error == nil { words.append("It has not been looked at yet; that is done within a minute.") }
        } else if let status {
            words += Self.words(status, records: records)
            words += wanted.compactMap { Self.words($0, findings: findings) }
            let isSound = words.isEmpty && alignment.passes
            if status.isVerified, !alignment.passes { words.append(Self.notAligned) }
            standing = !status.isVerified ? .pending : isSound ? .verified : .incomplete
        } else if let identityARN {
            standing = .foreign
            words.append(
                "The identity \(identityARN) is another AWS account's: its owner has to verify it and to authorise this "
                    + "account (sending authorization). SES does not tell whether that is so."
            )
            words += wanted.compactMap { Self.words($0, findings: findings) }
        } else {
            standing = .unregistered
            words.append(
                row?.createWanted == true
                    ? "It is being registered with SES in account \(account) (\(region))."
                    : "SES does not know \(sender.text) in account \(account) (\(region)): an operator has to register it."
            )
        }
        missing = words
    }

    private static let notAligned =
        "Mail passes DMARC neither by DKIM nor by SPF: receivers see that it comes from Amazon SES, and not that it may. Publish "
        + "the DKIM records, or set a MAIL FROM domain below your own."

    private static func words(_ status: IdentityStatus, records: [Record]) -> [String] {
        var words: [String] = []
        let arePublished = records.filter { $0.wanted.purpose == .dkim }.allSatisfy { $0.state == .found }
        if !status.isVerified {
            words.append(
                status.name.contains("@")
                    ? "SES has not verified \(status.name): visit the link in the mail that it sent there."
                    : "SES has not verified \(status.name) for sending yet."
            )
        }
        switch status.dkimState {
        case IdentityStatus.State.pending where arePublished:
            words.append("The DKIM records are published; SES has not seen them yet, which may take hours.")
        case IdentityStatus.State.failed:
            words.append(
                "SES has stopped to look for the DKIM records (72 hours are over): publish them, and let an operator register "
                    + "the domain again."
            )
        case IdentityStatus.State.temporaryFailure:
            words.append("SES could not read the DKIM records just now; it tries again by itself.")
        default: break
        }
        if !status.isDKIMEnabled, !status.name.contains("@") {
            words.append("DKIM signing is switched off for \(status.name) at SES.")
        }
        if let mailFrom = status.mailFrom, let state = status.mailFromState, state != IdentityStatus.State.success {
            words.append("SES does not use the MAIL FROM domain \(mailFrom) yet (\(state)).")
        }
        return words
    }

    /// What is wrong with a record; nil: nothing.
    private static func words(_ wanted: WantedRecord, findings: [DNSFinding]) -> String? {
        let (state, found, problem) = wanted.state(by: findings)
        let publish = "\(wanted.type) record \(wanted.name) with the value \(wanted.value)"
        switch (state, wanted.purpose) {
        case (.found, _): return nil
        case (.unknown, _): return problem.map { "DNS could not be asked for \(wanted.name): \($0)" }
        case (.missing, .dmarc):
            let name = wanted.name
            let hasOther = findings.contains { finding in
                finding.name != name && finding.name.hasPrefix("_dmarc.")
                    && DMARCRecord.candidates(in: finding.records).count == 1
            }
            return hasOther ? nil : "Publish a DMARC policy: the \(publish) does nothing but ask for alignment."
        case (.missing, _): return "Publish the \(publish): DNS has no such record."
        case (.different, .spf) where found.count > 1:
            return "\(wanted.name) has \(found.count) SPF records, which receivers take for none: make them one."
        case (.different, .spf):
            let doubt = SPFRecord(found[0]).isElsewhere ? " itself; what it includes was not followed" : ""
            return
                "The SPF record of \(wanted.name) does not include amazonses.com\(doubt): add include:amazonses.com to it."
        case (.different, .mailFrom):
            return
                "The MX record of \(wanted.name) must be \(wanted.value) and the only one; it is \(found.joined(separator: ", "))."
        case (.different, .dmarc):
            return found.count > 1
                ? "\(wanted.name) has \(found.count) DMARC records, which receivers take for none: keep one."
                : "The DMARC record of \(wanted.name) has no policy that receivers know: \(found[0])"
        case (.different, .dkim):
            return
                "The \(wanted.type) record \(wanted.name) must be \(wanted.value); it is \(found.joined(separator: ", "))."
        }
    }
}
