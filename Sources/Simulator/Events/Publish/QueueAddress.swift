/// A queue's URL, taken apart: where SQS answers, and in which region.
struct QueueAddress: Equatable {
    /// `https://host[:port]`.
    let endpoint: String
    /// Nil where the host is not Amazon's.
    let region: String?

    init?(_ url: String) {
        guard let scheme = ["http://", "https://"].first(where: url.hasPrefix) else { return nil }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        guard !authority.isEmpty, path.count > 1, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        endpoint = scheme + authority
        let labels = authority.split(separator: ".")
        region = labels.count >= 4 && labels[0] == "sqs" ? String(labels[1]) : nil
    }
}
