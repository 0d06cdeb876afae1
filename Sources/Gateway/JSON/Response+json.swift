import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// A success with a JSON body, which no cache may keep: it is one tenant's.
    init(_ json: JSONValue, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes))
        )
    }
}
