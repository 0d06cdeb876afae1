/// A queue's URL taken apart: where SQS answers for it, and in which region.
struct QueueURL: Sendable, Equatable {
    /// As configured; SQS knows the queue by it.
    let text: String
    /// Scheme, host and port.
    let endpoint: String
    /// The region that the host names; nil for an emulator's and for SQS's oldest host names.
    let region: String?

    /// Nil for what is no URL of a queue.
    init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" }
        guard !host.isEmpty, !host.contains("@"), rest.count > host.count + 1,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        self.text = text
        endpoint = scheme + host
        let labels = host.lowercased().split(separator: ".")
        let isAmazons = labels.count >= 4 && (labels[0] == "sqs" || labels[0] == "sqs-fips")
        region = isAmazons ? String(labels[1]) : nil
    }
}
