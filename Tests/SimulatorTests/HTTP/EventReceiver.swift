import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A subscriber on loopback that keeps what it is sent and answers as the test says.
final class EventReceiver: Sendable {
    struct Received: Sendable {
        let headers: [String: String]
        let body: Data

        var type: String? { headers["x-amz-sns-message-type"] }

        func envelope() -> [String: String] {
            (try? JSONSerialization.jsonObject(with: body)) as? [String: String] ?? [:]
        }

        /// The event in `Message`; empty for anything else.
        func event() -> [String: Any] {
            let message = Data((envelope()["Message"] ?? "").utf8)
            return (try? JSONSerialization.jsonObject(with: message)) as? [String: Any] ?? [:]
        }
    }

    private let all = Mutex<[Received]>([])
    private let status: @Sendable (Received, Int) -> Int

    private init(status: @escaping @Sendable (Received, Int) -> Int) {
        self.status = status
    }

    var received: [Received] { all.withLock { $0 } }

    /// `status` is given a request and how many came before it. `body` is given the receiver and its URL.
    static func run<Value: Sendable>(
        status: @escaping @Sendable (Received, Int) -> Int = { _, _ in 200 },
        _ body: @Sendable (EventReceiver, String) async throws -> Value
    ) async throws -> Value {
        let receiver = EventReceiver(status: status)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let port = server.channel.localAddress?.port ?? 0
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.executeThenClose { clients in
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await client in clients { group.addTask { try? await receiver.serve(client) } }
                    }
                }
            }
            let value = try await body(receiver, "http://127.0.0.1:\(port)/feedback/sns/main")
            group.cancelAll()
            try? await group.waitForAll()
            return value
        }
    }

    private func serve(_ client: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async throws {
        try await client.executeThenClose { inbound, outbound in
            var rest = Data()
            for try await part in inbound {
                rest.append(contentsOf: part.readableBytesView)
                while let (request, length) = Self.request(rest) {
                    rest = Data(rest.dropFirst(length))
                    let count = all.withLock { all in
                        all.append(request)
                        return all.count - 1
                    }
                    let answer = "HTTP/1.1 \(status(request, count)) S\r\nContent-Length: 0\r\n\r\n"
                    try await outbound.write(ByteBuffer(string: answer))
                }
            }
        }
    }

    /// The first request, if it is there whole, and how long it is.
    private static func request(_ bytes: Data) -> (Received, Int)? {
        guard let end = bytes.firstRange(of: Data("\r\n\r\n".utf8)) else { return nil }
        var headers: [String: String] = [:]
        for line in String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let head = bytes.distance(from: bytes.startIndex, to: end.upperBound)
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= head + length else { return nil }
        return (Received(headers: headers, body: Data(bytes.dropFirst(head).prefix(length))), head + length)
    }
}
