import Hummingbird
import NIOCore

extension ResponseBody {
    /// What is handed on before it is waited for, in bytes.
    private static let chunk = 32 << 10

    /// A body that is written as it is made: who makes it waits for who reads it. When making it fails the answer breaks off, and
    /// lacks its last chunk.
    static func lines(
        _ make: @escaping @Sendable ((String) async throws -> Void) async throws -> Void
    ) -> ResponseBody {
        ResponseBody { writer in
            let (chunks, send) = AsyncStream<ByteBuffer>.makeStream()
            let (written, acknowledge) = AsyncStream<Void>.makeStream()
            async let made: Void = fill(make, send, written)
            for await chunk in chunks {
                try await writer.write(chunk)
                acknowledge.yield()
            }
            try await made
            try await writer.finish(nil)
        }
    }

    private static func fill(
        _ make: @Sendable ((String) async throws -> Void) async throws -> Void,
        _ send: AsyncStream<ByteBuffer>.Continuation,
        _ written: AsyncStream<Void>
    ) async throws {
        defer { send.finish() }
        var buffer = ByteBuffer()
        try await make { line in
            buffer.writeString(line)
            guard buffer.readableBytes >= chunk else { return }
            send.yield(buffer)
            buffer = ByteBuffer()
            for await _ in written { break }
            try Task.checkCancellation()
        }
        send.yield(buffer)
    }
}
