import Directory
import Mail
import Outbox
import Postgres

/// What nodes tell each other by NOTIFY: always something that the tables say too, and that everybody looks up now and
/// then. A hint only makes them look sooner. (That somebody looks at an account is said in no table, but again and again.)
enum Hint: Equatable, Sendable {
    /// Queues got rows, on a node that does not serve them, or not alone. With the number of who says so; 0: not known.
    case queues([QueueSign], from: UInt32 = 0)
    /// So many queues got rows that they are not named.
    case allQueues
    /// An account's grants have changed: its workers should look.
    case grants(account: Int32)
    /// A worker of an account has reported: its leader should look.
    case reports(account: Int32)
    /// Somebody looks at an account.
    case watched(account: Int32)

    static let channels = [queueChannel, grantChannel, reportChannel, LiveWatch.channel]

    private static let queueChannel = "sluice_queue"
    private static let grantChannel = "sluice_grant"
    private static let reportChannel = "sluice_report"
    private static let all = "*"
    /// A payload has at most 8,000 bytes.
    private static let queuesPerPayload = 220

    init?(channel: String, payload: String) {
        switch channel {
        case Self.queueChannel where payload == Self.all: self = .allQueues
        case Self.queueChannel:
            let words = payload.split(separator: " ")
            let sender = words.first.flatMap { $0.hasPrefix("@") ? UInt32($0.dropFirst(), radix: 36) : nil }
            self = .queues(words.compactMap(Self.sign), from: sender ?? 0)
        case Self.grantChannel:
            guard let account = Int32(payload) else { return nil }
            self = .grants(account: account)
        case Self.reportChannel:
            guard let account = Int32(payload) else { return nil }
            self = .reports(account: account)
        case LiveWatch.channel:
            guard let account = Int32(payload) else { return nil }
            self = .watched(account: account)
        default: return nil
        }
    }

    /// The statements that send it, to be run in a transaction of their own or in one that is short.
    var statements: [SQL] {
        switch self {
        case .allQueues: [Self.notify(Self.queueChannel, Self.all)]
        case .queues(let signs, let sender):
            stride(from: 0, to: signs.count, by: Self.queuesPerPayload).map { start in
                let part = signs[start..<min(signs.count, start + Self.queuesPerPayload)]
                return Self.notify(
                    Self.queueChannel,
                    "@\(String(sender, radix: 36)) " + part.map(Self.text).joined(separator: " ")
                )
            }
        case .grants(let account): [Self.notify(Self.grantChannel, "\(account)")]
        case .reports(let account): [Self.notify(Self.reportChannel, "\(account)")]
        case .watched(let account): [Self.notify(LiveWatch.channel, "\(account)")]
        }
    }

    private static func notify(_ channel: String, _ payload: String) -> SQL {
        "SELECT pg_notify(\(channel), \(payload))"
    }

    private static func text(_ sign: QueueSign) -> String {
        let rows =
            switch sign.rows {
            case .more(let count), .all(let count): count
            case .many: 1
            }
        let since = sign.first.map { ":" + String($0.high >> 16, radix: 36) } ?? ""
        return "\(sign.laneID):\(sign.priority.rawValue):\(rows)\(since)"
    }

    private static func sign(_ text: Substring) -> QueueSign? {
        let parts = text.split(separator: ":")
        guard parts.count == 3 || parts.count == 4, let lane = Int32(parts[0]),
            let priority = Int16(parts[1]).flatMap(Priority.init(rawValue:)),
            let rows = Int(parts[2])
        else { return nil }
        // To the millisecond: what is below the first entry in it costs little.
        let since = parts.count == 4 ? UInt64(parts[3], radix: 36) : nil
        return QueueSign(
            laneID: lane,
            priority: priority,
            rows: .more(rows),
            first: since.map { PostgresUUID(high: $0 << 16, low: 0) }
        )
    }
}
