public import Outbound

/// A DNS record that a domain's owner has to publish, or is advised to.
public struct WantedRecord: Hashable, Sendable {
    public enum Purpose: String, Sendable {
        case dkim
        case mailFrom = "mail_from"
        case spf
        case dmarc
    }

    public let purpose: Purpose
    public let kind: DNSQuestion.Kind
    public let name: String
    public let value: String

    public var question: DNSQuestion { DNSQuestion(name, kind) }

    /// `CNAME`, `MX` or `TXT`.
    public var type: String {
        switch kind {
        case .cname: "CNAME"
        case .mx: "MX"
        case .txt: "TXT"
        }
    }
}

/// How a wanted record stands in DNS.
public enum RecordState: String, Sendable {
    case found
    case missing
    /// There is something else.
    case different
    /// DNS could not be asked, or was not asked yet.
    case unknown
}

/// What DNS said to one question, as it is kept.
public struct DNSFinding: Hashable, Sendable, Codable {
    public var name: String
    public var kind: DNSQuestion.Kind
    public var records: [String]
    /// Why there was no answer.
    public var problem: String?

    public init(name: String, kind: DNSQuestion.Kind, records: [String], problem: String? = nil) {
        self.name = name
        self.kind = kind
        self.records = records
        self.problem = problem
    }

    public init(_ question: DNSQuestion, _ answer: DNSAnswer) {
        switch answer {
        case .records(let records): self.init(name: question.name, kind: question.kind, records: records)
        case .unknown(let reason):
            self.init(name: question.name, kind: question.kind, records: [], problem: reason)
        }
    }
}
