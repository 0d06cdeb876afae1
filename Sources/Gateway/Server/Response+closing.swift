import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// How long a client may go on sending after an answer that closes the connection.
    private static let lingering = TimeAmount.seconds(5)

    /// The answer with `Connection: close`, after which the connection is really closed, though the request may not have
    /// been read to its end.
    ///
    /// First for our direction only: closing with unread data would reset the connection, and the client could lose the
    /// answer (RFC 9112, section 9.6).
    func closing(_ channel: any Channel) -> Response {
        var response = self
        response.headers[.connection] = "close"
        let body = response.body
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            try await body.write(writer)
            try? await channel.close(mode: .output).get()
            channel.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
        }
        return response
    }
}
