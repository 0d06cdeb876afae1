import Foundation
import Top

/// Pictures to draw.
enum Pictures {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    /// An account that is busy in every respect, with two nodes and a webhook that fails.
    static func busy(lanes: Int = 2) -> TopPicture {
        var picture = TopPicture(at: now)
        var account = TopPicture.Account(name: "main")
        account.quota = 50
        account.rateInForce = 50
        account.leader = "host-a"
        account.dailyQuota = 50_000
        account.dailyUsed = 49_000
        account.shares = [
            TopPicture.Share(path: ""), share("AT", rate: 30, ceiling: 30, granted: 30, used: 28.4, waiting: 1_200),
            share("UK", rate: 10, ceiling: 20, granted: 20, used: 19, borrowed: 10, waiting: 300),
            share("UK/apa", rate: 6, ceiling: nil),
        ]
        account.feedback.isConfigured = true
        account.feedback.lastSendAt = now
        account.feedback.lastEventAt = now.addingTimeInterval(-3)
        picture.accounts = [account]
        picture.lanes = (0..<lanes).map { number in
            var lane = TopPicture.Lane(name: "main/AT/tenant\(number)/transactional")
            lane.ready = 10 + number
            lane.deferred = number
            lane.oldestAt = now.addingTimeInterval(-Double(lanes - number))
            lane.rate = number == 1 ? 0 : 2
            return lane
        }
        var first = TopPicture.Node(name: "host-a", startedAt: now.addingTimeInterval(-3 * 3600))
        first.leads = ["main"]
        first.granted = 30
        var second = TopPicture.Node(name: "host-b", startedAt: now)
        second.isDraining = true
        second.parked = ["main": "unreachable"]
        picture.nodes = [first, second]
        picture.outcomes.sent = 2_840
        picture.outcomes.bounced = 12
        var hook = TopPicture.Webhook(tenant: "apa", id: "1", host: "hooks.apa.example", state: "failing")
        hook.failures = 7
        hook.since = now.addingTimeInterval(-90)
        picture.webhooks = [hook]
        return picture
    }

    static func share(
        _ path: String,
        rate: Int,
        ceiling: Int?,
        granted: Int = 0,
        used: Double = 0,
        borrowed: Int = 0,
        waiting: Int = 0
    ) -> TopPicture.Share {
        var share = TopPicture.Share(path: path)
        share.rate = rate
        share.ceiling = ceiling
        share.granted = granted
        share.used = used
        share.borrowed = borrowed
        share.waiting = waiting
        share.oldestAt = waiting > 0 ? now.addingTimeInterval(-41) : nil
        return share
    }

    static func text(_ screen: TopView.Screen) -> String { screen.lines.map(\.text).joined(separator: "\n") }
}
