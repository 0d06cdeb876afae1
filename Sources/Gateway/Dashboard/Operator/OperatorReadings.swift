import Directory
import FoundationEssentials
import Outbox
import Synchronization
import Webhooks

/// What the operator's pages read of the database, read for all of them together.
final class OperatorReadings: Sendable {
    /// What looks for trouble costs more, and trouble lasts.
    private static let slow = Duration.seconds(30)

    private struct Figures {
        let version: Int64
        let reading: RestedReading<AccountFigures>
    }

    private let services: AdminServices
    private let lanes = RestedReading<[LaneBacklog]>()
    private let storage = RestedReading<[StorageFinding]>(leastRest: slow)
    private let endpoints = RestedReading<[FailingEndpoint]>(leastRest: slow)
    private let feedback = RestedReading<[String: FeedbackGaps.Count]>(leastRest: slow)
    private let accounts = Mutex<[Int32: Figures]>([:])

    init(services: AdminServices) {
        self.services = services
    }

    /// What waits, lane by lane.
    func backlog() async throws -> [LaneBacklog] { try await lanes.value { try await services.queue.backlog() } }

    func findings() async throws -> [StorageFinding] {
        try await storage.value { try await services.storage.findings() }
    }

    func failingEndpoints() async throws -> [FailingEndpoint] {
        guard let health = services.health else { return [] }
        return try await endpoints.value { try await health.failingEndpoints() }
    }

    /// Of all accounts.
    func gaps() async throws -> [String: FeedbackGaps.Count] {
        guard let health = services.health, let directory = services.directory.current else { return [:] }
        return try await feedback.value {
            try await health.gaps(of: directory.accounts.values.sorted { $0.name < $1.name })
        }
    }

    /// What an account does, without what waits.
    func work(of account: Account) async throws -> AccountFigures {
        let reading = accounts.withLock { accounts in
            // Figures are by shares, and those of another version may be others.
            if let known = accounts[account.id], known.version == account.version { return known.reading }
            let reading = RestedReading<AccountFigures>()
            accounts[account.id] = Figures(version: account.version, reading: reading)
            return reading
        }
        return try await reading.value { try await services.cluster.figures(of: account, countsBacklog: false) }
    }

    /// The same with what waits.
    func figures(of account: Account, _ directory: DirectorySnapshot) async throws -> AccountFigures {
        try await work(of: account).waiting(try await backlog(), of: account, directory)
    }
}

extension AccountFigures {
    fileprivate func waiting(
        _ backlog: [LaneBacklog],
        of account: Account,
        _ directory: DirectorySnapshot
    ) -> AccountFigures {
        var ready: [Int32: Int] = [:]
        var oldest: [Int32: Date] = [:]
        for depth in backlog {
            guard let lane = directory.lanes[depth.laneID], lane.accountID == account.id else { continue }
            ready[lane.shareID, default: 0] += depth.ready
            if let at = depth.oldestAt { oldest[lane.shareID] = min(oldest[lane.shareID] ?? at, at) }
        }
        return AccountFigures(
            rate: rate,
            leader: leader,
            epoch: epoch,
            parked: parked,
            parkedDetail: parkedDetail,
            ses: ses,
            shares: shares.map { share in
                let id = account.shareIDs[share.path]
                return ShareFigures(
                    path: share.path,
                    granted: share.granted,
                    held: share.held,
                    wanted: share.wanted,
                    borrowed: share.borrowed,
                    lent: share.lent,
                    used: share.used,
                    backlog: id.flatMap { ready[$0] } ?? 0,
                    oldestAt: id.flatMap { oldest[$0] }
                )
            }
        )
    }
}
