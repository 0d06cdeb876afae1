/// A DMARC record (RFC 7489, section 6.3), as far as alignment and policy go.
public struct DMARCRecord: Hashable, Sendable {
    public enum Policy: String, Sendable {
        case none, quarantine, reject
    }

    public let policy: Policy
    /// For domains below the one that the record is of; nil: the same.
    public let subdomainPolicy: Policy?
    public let isDKIMStrict: Bool
    public let isSPFStrict: Bool

    /// The records of a name that are DMARC's: they begin so. A receiver ignores them where there is not exactly one.
    static func candidates(in texts: [String]) -> [String] {
        texts.filter { text in
            let first = text.split(separator: ";", maxSplits: 1).first ?? ""
            let tag = first.split(separator: "=", maxSplits: 1).map(trimmed)
            return tag.count == 2 && tag[0].lowercased() == "v" && tag[1] == "DMARC1"
        }
    }

    /// Nil for what is none, and for one without a policy that a receiver knows.
    init?(_ text: String) {
        guard !Self.candidates(in: [text]).isEmpty else { return nil }
        var tags: [String: String] = [:]
        for part in text.split(separator: ";") {
            let tag = part.split(separator: "=", maxSplits: 1).map(Self.trimmed)
            guard tag.count == 2, tags[tag[0].lowercased()] == nil else { continue }
            tags[tag[0].lowercased()] = tag[1].lowercased()
        }
        guard let policy = tags["p"].flatMap(Policy.init(rawValue:)) else { return nil }
        self.policy = policy
        subdomainPolicy = tags["sp"].flatMap(Policy.init(rawValue:))
        isDKIMStrict = tags["adkim"] == "s"
        isSPFStrict = tags["aspf"] == "s"
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
