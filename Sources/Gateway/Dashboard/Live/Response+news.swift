import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// News that are written as they come.
    ///
    /// - Parameter check: throws when whoever reads them may not any more.
    static func news(
        _ stream: AsyncStream<ByteBuffer>,
        check: @escaping @Sendable () throws -> Void
    ) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(string: ServerSentEvent.opening))
                for await news in stream {
                    guard (try? check()) != nil else { break }
                    try await writer.write(news)
                }
                try await writer.finish(nil)
            }
        )
    }
}
