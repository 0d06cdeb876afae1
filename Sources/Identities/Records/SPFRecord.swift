/// An SPF record (RFC 7208), read as far as one question goes: may SES send for the domain?
struct SPFRecord: Equatable {
    /// The records of a domain that are SPF's. A receiver takes more than one for an error.
    static func all(in texts: [String]) -> [SPFRecord] {
        texts.filter { $0.lowercased() == "v=spf1" || $0.lowercased().hasPrefix("v=spf1 ") }.map(SPFRecord.init)
    }

    let text: String
    private let terms: [String]

    init(_ text: String) {
        self.text = text
        terms = text.lowercased().split(separator: " ").dropFirst().map(String.init)
    }

    /// It includes SES's, as a pass. Whatever includes it on the way of another include or a redirect is not followed.
    var includesSES: Bool { terms.contains("include:amazonses.com") || terms.contains("+include:amazonses.com") }

    /// What it says is said by another domain's record, which may include SES's.
    var isElsewhere: Bool { terms.contains { $0.hasPrefix("redirect=") || $0.hasPrefix("include:") } }
}
