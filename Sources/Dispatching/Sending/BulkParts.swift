import Mail
import SES

/// Splits a filled group into requests that SES takes: each small enough, and all of one request with the same parts of a mail.
/// Pure.
struct BulkParts: Sendable {
    struct Item: Sendable {
        let ride: BulkRide
        let content: FilledContent
    }

    private struct Shape: Hashable {
        let hasText: Bool
        let hasHTML: Bool
    }

    /// A request of one is a call of its own.
    private(set) var requests: [[Item]] = []

    init(_ items: [Item]) {
        var last: [Shape: (request: Int, bytes: Int)] = [:]
        for item in items {
            guard item.content.size.fits else {
                requests.append([item])
                continue
            }
            let source = item.content.source
            let shape = Shape(hasText: source.text != nil, hasHTML: source.html != nil)
            if let (request, before) = last[shape] {
                // What is the same for all goes along once.
                let bytes = before + (item.ride.content.isFixed ? 512 : item.content.size.body)
                if bytes <= BulkCall.maximumBytes {
                    requests[request].append(item)
                    last[shape] = (request, bytes)
                    continue
                }
            }
            last[shape] = (requests.count, item.content.size.body)
            requests.append([item])
        }
    }
}
