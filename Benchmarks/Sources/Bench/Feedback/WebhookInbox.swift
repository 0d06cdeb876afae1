import Foundation
import NIOHTTP1
import Synchronization

/// What a tenant's endpoint got: each event's id, how often, and how long after the event it came first.
final class WebhookInbox: Sendable {
    struct Arrival: Sendable {
        let type: String
        let delay: Double
        var times = 1
    }

    private let arrivals = Mutex<[String: Arrival]>([:])

    var all: [String: Arrival] { arrivals.withLock(\.self) }
    var count: Int { arrivals.withLock(\.count) }

    /// Takes a request; answers its status.
    func take(_ request: HTTPReceiver.Request) -> Int {
        guard let id = request.headers.first(name: "webhook-id"),
            let type = Self.member("type", of: request.body),
            let time = Self.member("timestamp", of: request.body),
            let at = try? Date(time, strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true))
        else { return 400 }
        let delay = Date().timeIntervalSince(at)
        arrivals.withLock { arrivals in
            if arrivals[id] != nil {
                arrivals[id]?.times += 1
            } else {
                arrivals[id] = Arrival(type: type, delay: delay)
            }
        }
        return 200
    }

    private static func member(_ name: String, of body: [UInt8]) -> String? {
        guard let start = body.firstRange(of: Array("\"\(name)\":\"".utf8))?.upperBound,
            let end = body[start...].firstIndex(of: UInt8(ascii: "\""))
        else { return nil }
        return String(decoding: body[start..<end], as: UTF8.self)
    }
}
