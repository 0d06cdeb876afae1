public import Mail
import Outbound
public import SES

/// Whether mail of a sender passes DMARC, by DKIM or by SPF, whose domains must be the sender's (RFC 7489, section 3.1). Pure.
///
/// Two domains count as one organisation's where one is below the other, or both are below a domain that has a DMARC record. A
/// public suffix list would find more, but never less: what is judged as aligned here is so for every receiver.
public struct Alignment: Hashable, Sendable {
    /// The DMARC record that counts: the domain's own, or the nearest above.
    public let record: DMARCRecord?
    /// Where that record is.
    public let recordDomain: String?
    public let isDKIMAligned: Bool
    public let isSPFAligned: Bool

    /// The policy for the sender's domain.
    public let policy: DMARCRecord.Policy?

    public var passes: Bool { isDKIMAligned || isSPFAligned }

    public init(sender: SenderName, status: IdentityStatus?, records: [WantedRecord], findings: [DNSFinding]) {
        let domain = sender.domain
        let own = Self.record(of: domain, in: findings)
        let above = domain.parents.lazy.compactMap { parent in
            Self.record(of: parent, in: findings).map { (parent, $0) }
        }.first
        let found = own ?? above?.1
        record = found
        recordDomain = own == nil ? above?.0.ascii : domain.ascii
        policy = own?.policy ?? above.map { $0.1.subdomainPolicy ?? $0.1.policy }
        let organisation = above?.0
        func isAligned(_ text: String?, isStrict: Bool) -> Bool {
            guard let text, let other = try? DomainName(parsing: text) else { return false }
            if other == domain { return true }
            guard !isStrict else { return false }
            if other.isBelow(domain) || domain.isBelow(other) { return true }
            return organisation.map { other == $0 || other.isBelow($0) } ?? false
        }
        let signing = status?.name.split(separator: "@").last.map(String.init)
        isDKIMAligned =
            status?.isDKIMEnabled == true && status?.dkimState == IdentityStatus.State.success
            && isAligned(signing, isStrict: found?.isDKIMStrict ?? false)
        let hasSPF = records.first { $0.purpose == .spf }?.state(by: findings).state == .found
        isSPFAligned =
            hasSPF && status?.mailFromState == IdentityStatus.State.success
            && isAligned(status?.mailFrom, isStrict: found?.isSPFStrict ?? false)
    }

    private static func record(of domain: DomainName, in findings: [DNSFinding]) -> DMARCRecord? {
        let name = RecordPlan.dmarcName(domain)
        guard let finding = findings.first(where: { $0.name == name && $0.kind == .txt }) else { return nil }
        let texts = DMARCRecord.candidates(in: finding.records)
        return texts.count == 1 ? DMARCRecord(texts[0]) : nil
    }
}
