public import Mail
public import Outbound
public import SES

/// Which DNS records a sender needs, by what SES says of its identity. Pure.
public struct RecordPlan: Sendable {
    /// Regions whose keys SES keeps in a zone of their own, where its answer does not name the zone.
    private static let ownZones: Set<String> = [
        "af-south-1", "ap-northeast-3", "ap-southeast-3", "eu-south-1", "il-central-1",
    ]
    private static let commonZone = "dkim.amazonses.com"
    /// Domains above the sender's that are asked for a DMARC record.
    private static let mostParents = 4

    public let records: [WantedRecord]
    /// What DNS is asked: for the records, and for DMARC records of the domains above.
    public let questions: [DNSQuestion]

    /// - Parameters:
    ///   - sender: the domain or address in From.
    ///   - status: nil: SES knows no identity.
    ///   - region: the account's, of AWS.
    public init(sender: SenderName, status: IdentityStatus?, region: String) {
        var records: [WantedRecord] = []
        if let status {
            records = Self.dkim(status, region: region)
            if let mailFrom = status.mailFrom {
                let host = "feedback-smtp.\(region).\(Self.suffix(region))"
                records.append(WantedRecord(purpose: .mailFrom, kind: .mx, name: mailFrom, value: "10 \(host)"))
                records.append(
                    WantedRecord(purpose: .spf, kind: .txt, name: mailFrom, value: "v=spf1 include:amazonses.com ~all")
                )
            }
        }
        let domain = sender.domain
        records.append(
            WantedRecord(purpose: .dmarc, kind: .txt, name: Self.dmarcName(domain), value: "v=DMARC1; p=none;")
        )
        self.records = records
        let above = domain.parents.suffix(Self.mostParents).map { DNSQuestion(Self.dmarcName($0), .txt) }
        questions = Array((records.map(\.question) + above).prefix(DNSResolver.mostQuestions))
    }

    static func dmarcName(_ domain: DomainName) -> String { "_dmarc.\(domain.ascii)" }

    private static func suffix(_ region: String) -> String {
        region.hasPrefix("cn-") ? "amazonses.com.cn" : "amazonses.com"
    }

    private static func dkim(_ status: IdentityStatus, region: String) -> [WantedRecord] {
        let domain = status.name.split(separator: "@").last.map(String.init) ?? status.name
        guard status.dkimOrigin == "AWS_SES" else {
            return status.dkimTokens.prefix(1).map { selector in
                WantedRecord(
                    purpose: .dkim,
                    kind: .txt,
                    name: "\(selector)._domainkey.\(domain)",
                    value: "v=DKIM1; k=rsa; p=YOUR_PUBLIC_KEY"
                )
            }
        }
        let zone = status.dkimZone ?? (ownZones.contains(region) ? "dkim.\(region).amazonses.com" : commonZone)
        return status.dkimTokens.map { token in
            WantedRecord(
                purpose: .dkim,
                kind: .cname,
                name: "\(token)._domainkey.\(domain)".lowercased(),
                value: "\(token).\(zone)".lowercased()
            )
        }
    }
}

extension WantedRecord {
    /// How it stands by what DNS said.
    public func state(by findings: [DNSFinding]) -> (state: RecordState, found: [String], problem: String?) {
        guard let finding = findings.first(where: { $0.name == name && $0.kind == kind }) else {
            return (.unknown, [], nil)
        }
        if let problem = finding.problem { return (.unknown, [], problem) }
        let found = relevant(finding.records)
        guard !found.isEmpty else { return (.missing, [], nil) }
        return (isMet(by: found) ? .found : .different, found, nil)
    }

    /// Names hold other texts, too, which are nobody's business here.
    private func relevant(_ records: [String]) -> [String] {
        switch purpose {
        case .spf: SPFRecord.all(in: records).map(\.text)
        case .dmarc: DMARCRecord.candidates(in: records)
        case .dkim, .mailFrom: records
        }
    }

    private func isMet(by found: [String]) -> Bool {
        let token = value.prefix { $0 != "." } + "."
        return switch purpose {
        case .dkim where kind == .cname:
            // Zones of regions may change; the token may not.
            found.count == 1 && found[0].hasPrefix(token) && found[0].hasSuffix(".amazonses.com")
        case .dkim: found.contains { $0.contains("p=") }
        case .mailFrom: found.count == 1 && found[0].split(separator: " ").last == value.split(separator: " ").last
        case .spf: found.count == 1 && SPFRecord(found[0]).includesSES
        case .dmarc: found.count == 1 && DMARCRecord(found[0]) != nil
        }
    }
}
