import Hummingbird
import NIOCore

extension Request {
    /// Room for 40 MB of content in JSON whose escapes take some more.
    static let bodyLimit = 64 << 20

    /// The whole body; nil where it is longer than `bodyLimit`. Throws when the connection ends before the body does.
    func wholeBody() async throws -> [UInt8]? {
        let announced = headers[.contentLength].flatMap { Int($0) }
        if let announced, announced > Self.bodyLimit { return nil }
        var body: [UInt8] = []
        body.reserveCapacity(announced ?? 0)
        for try await part in self.body {
            guard body.count + part.readableBytes <= Self.bodyLimit else { return nil }
            body.append(contentsOf: part.readableBytesView)
        }
        // Hummingbird ends the sequence quietly when a client hangs up.
        if let announced, body.count < announced { throw ConnectionEnd() }
        return body
    }
}
