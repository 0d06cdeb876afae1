import Gateway
import Outbox

/// A storage with one finding.
struct TestStorage: StorageReading {
    func findings() async throws -> [StorageFinding] {
        [StorageFinding(check: .horizon, level: .problem, object: "session 7", detail: "held for 90 s")]
    }
}
