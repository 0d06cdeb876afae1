import Directory
import Foundation
import Gateway
import Outbox
import Webhooks

/// A storage with one finding.
struct TestStorage: StorageReading {
    func findings() async throws -> [StorageFinding] {
        [StorageFinding(check: .horizon, level: .problem, object: "session 7", detail: "held for 90 s")]
    }
}

/// One webhook that fails, and feedback that is missing.
struct TestHealth: HealthReading {
    func failingEndpoints() async throws -> [FailingEndpoint] {
        [
            FailingEndpoint(
                id: UUID(),
                tenant: "apa",
                host: "hooks.example",
                disabledReason: nil,
                since: Date(),
                failures: 7
            )
        ]
    }

    func gaps(of accounts: [Account]) async throws -> [String: FeedbackGaps.Count] {
        Dictionary(uniqueKeysWithValues: accounts.map { ($0.name, FeedbackGaps.Count(looked: 1_000, missing: 60)) })
    }
}
