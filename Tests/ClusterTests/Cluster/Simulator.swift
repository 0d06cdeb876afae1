import Glibc
import Synchronization

/// A `sluice simulator` on a port that stays its own when it is stopped and started.
final class Simulator: Sendable {
    let account: ClusterPlan.Account
    let port: Int
    let process = Mutex<ChildProcess?>(nil)

    init(account: ClusterPlan.Account, port: Int) {
        self.account = account
        self.port = port
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var api: SimulatorAPI { SimulatorAPI(url: url) }

    func stop() async throws {
        let process = process.withLock(\.self)
        process?.signal(SIGTERM)
        try await process?.end()
    }
}
