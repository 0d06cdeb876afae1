import Logging
import Postgres

/// Takes the hints of other nodes to whom they are for.
struct HintListener: Sendable {
    let configuration: PostgresConfiguration
    let services: DispatchServices
    /// The sender of our own hints, which we know already.
    let ownSender: UInt32
    let logger: Logger

    /// Runs until it is cancelled.
    func run() async {
        for await event in PostgresListener(configuration, channels: Hint.channels, logger: logger) {
            switch event {
            case .resync: services.lookAtEverything()
            case .notification(let notification):
                guard let hint = Hint(channel: notification.channel, payload: notification.payload) else { continue }
                if case .queues(_, ownSender) = hint { continue }
                services.take(hint)
            }
        }
    }
}
