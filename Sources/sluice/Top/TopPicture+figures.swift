import Directory
import Foundation
import Outbox
import Top
import Webhooks

extension TopPicture.Account {
    init(
        _ account: Directory.Account,
        _ figures: AccountFigures,
        _ backlog: [(Lane, LaneBacklog)],
        _ feedback: TopPicture.Feedback
    ) {
        self.init(name: account.name)
        if case .fixed(let rate, let daily, _) = account.quota {
            quota = rate
            dailyQuota = Int(daily)
        } else {
            dailyQuota = figures.ses.daily.map { Int($0) }
        }
        rateInForce = figures.rate
        leader = figures.leader
        isPaused = account.isPaused
        parked = figures.parked
        parkedDetail = figures.parkedDetail
        isSandbox = figures.ses.isSandbox == true
        isSendingDisabled = figures.ses.isSendingEnabled == false
        dailyUsed = Int(figures.ses.used)
        self.feedback = feedback
        let configured = Dictionary(
            uniqueKeysWithValues: account.shareViews.flatMap(Self.flatten).map { ($0.path, $0) }
        )
        let waiting = Dictionary(grouping: backlog, by: \.0.shareID)
        shares = figures.shares.map { share in
            var line = TopPicture.Share(path: share.path)
            line.rate = configured[share.path]?.rate
            line.ceiling = configured[share.path]?.ceiling
            line.granted = share.granted
            line.used = share.used
            line.borrowed = share.borrowed
            line.lent = share.lent
            let lanes = account.shareIDs[share.path].flatMap { waiting[$0] } ?? []
            line.waiting = lanes.reduce(0) { $0 + $1.1.ready }
            line.oldestAt = lanes.compactMap(\.1.oldestAt).min()
            return line
        }
    }

    private static func flatten(_ share: ShareView) -> [ShareView] { [share] + share.children.flatMap(flatten) }
}

extension TopPicture.Lane {
    /// An account's lanes with what each of them gets: its part of its share's credits, by weight among those that have mail.
    static func all(
        _ backlog: [(Directory.Lane, LaneBacklog)],
        of account: Directory.Account,
        _ figures: AccountFigures,
        latency: Double
    ) -> [TopPicture.Lane] {
        let granted = Dictionary(
            uniqueKeysWithValues: figures.shares.compactMap { share in
                account.shareIDs[share.path].map { ($0, share.granted) }
            }
        )
        var weights: [Int32: Int] = [:]
        for (lane, depth) in backlog where depth.ready > 0 && !lane.isHeld {
            weights[lane.shareID, default: 0] += lane.weight
        }
        return backlog.map { lane, depth in
            var line = TopPicture.Lane(name: lane.name)
            line.ready = depth.ready
            line.deferred = depth.deferred
            line.oldestAt = depth.oldestAt
            guard depth.ready > 0, !account.isPaused, figures.parked == nil, !lane.isHeld else { return line }
            line.rate =
                LaneOutlook(
                    granted: granted[lane.shareID] ?? 0,
                    weight: lane.weight,
                    weights: weights[lane.shareID] ?? 0,
                    quota: figures.rate,
                    latency: latency,
                    ceiling: lane.ceiling.map(Double.init)
                ).rate
            return line
        }
    }
}

extension TopPicture.Node {
    init(_ node: NodeFigures) {
        self.init(name: node.name, startedAt: node.startedAt)
        roles = node.roles
        leads = node.work.filter(\.isLeader).map(\.account)
        granted = node.work.reduce(0) { $0 + $1.granted }
        isDraining = node.work.contains(where: \.isDraining)
        parked = Dictionary(
            node.work.compactMap { work in work.parked.map { (work.account, $0) } },
            uniquingKeysWith: { first, _ in first }
        )
    }
}

extension TopPicture.Webhook {
    init(_ endpoint: FailingEndpoint) {
        self.init(
            tenant: endpoint.tenant,
            id: endpoint.id.uuidString.lowercased(),
            host: endpoint.host,
            state: endpoint.disabledReason.map { "disabled: \($0)" } ?? "failing"
        )
        since = endpoint.since
        failures = endpoint.failures
    }
}
