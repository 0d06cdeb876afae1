import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    private static let errorType = HTTPField.Name("x-amzn-errortype")
    private static let requestID = HTTPField.Name("x-amzn-requestid")

    /// An answer of SES: errors carry their code in a header, and another content type than results.
    init(ses status: Int, error: String?, body: String, requestID: String) {
        var headers = HTTPFields()
        headers[.contentType] = error == nil ? "application/json" : "application/x-amz-json-1.1"
        if let error, let name = Self.errorType { headers[name] = error }
        if let name = Self.requestID { headers[name] = requestID }
        self.init(
            status: HTTPResponse.Status(code: status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }

    /// An answer of the simulator's own routes.
    init(json body: String, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }

    /// A refusal by the simulator's own routes.
    init(refusal message: String, status: HTTPResponse.Status = .badRequest) {
        self.init(json: #"{"message":\#(JSONText.quoted(message))}"#, status: status)
    }
}
