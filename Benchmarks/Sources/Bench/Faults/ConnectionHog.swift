import NIOCore
import NIOPosix

/// Somebody who takes every connection that PostgreSQL has.
struct ConnectionHog: Sendable {
    /// What its sessions are called, so that they are spared when others are terminated.
    static let name = "hog"

    let socket: String
    let database: String
    /// More than there are.
    let connections: Int

    /// Holds what it can get until so many seconds have passed, and takes what becomes free meanwhile.
    func hold(seconds: Double) async throws {
        var held: [any Channel] = []
        defer { for channel in held { channel.close(promise: nil) } }
        let end = BootTime.now() + Int64(seconds * 1e9)
        while BootTime.now() < end {
            held.removeAll { !$0.isActive }
            while held.count < connections, let channel = try? await connect() { held.append(channel) }
            try await pause(0.2)
        }
    }

    private func connect() async throws -> any Channel {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: socket).get()
        var body = ByteBuffer()
        // Version 3.0 of the protocol, then names and values.
        body.writeInteger(Int32(196_608))
        for text in ["user", "sluice", "database", database, "application_name", Self.name] {
            body.writeString(text)
            body.writeInteger(UInt8(0))
        }
        body.writeInteger(UInt8(0))
        var message = ByteBuffer(integer: Int32(body.readableBytes + 4))
        message.writeBuffer(&body)
        try await channel.writeAndFlush(message)
        return channel
    }
}
