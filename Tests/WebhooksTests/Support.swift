import Foundation
import Outbox
import Postgres

@testable import Webhooks

/// A generator that gives the same numbers every time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

extension FeedEntry {
    static func sample(
        _ seq: Int64,
        type: String = "email.sent",
        from: String? = "Shop <Shop@apa.example>",
        region: String = "AT",
        stream: String = "transactional",
        tags: String? = #"{"kind":"welcome","env":"dev"}"#
    ) -> FeedEntry {
        FeedEntry(
            seq: seq,
            sequencedAt: Date(timeIntervalSince1970: Double(seq)),
            event: EventReference(outboxID: PostgresUUID(high: 1, low: UInt64(seq)), identity: type),
            id: "id-\(seq)",
            type: type,
            timestamp: "2026-01-01T00:00:00.000Z",
            data: "{}",
            subject: from.map { Subject(from: $0, region: region, stream: stream, tags: tags) }
        )
    }
}

extension ClaimedDelivery {
    static func sample(_ id: UInt64 = 1, endpoint: UInt64 = 1, failures: Int = 0, isRecovering: Bool = false)
        -> ClaimedDelivery
    {
        ClaimedDelivery(
            id: PostgresUUID(high: 0, low: id),
            endpointID: PostgresUUID(high: 0, low: endpoint),
            isReplay: false,
            claimedUntil: Date(timeIntervalSince1970: 0),
            attempts: 0,
            scheduledAt: nil,
            message: nil,
            url: "https://a.example/",
            secrets: [],
            maxRate: nil,
            failures: failures,
            isRecovering: isRecovering
        )
    }
}
