import HTTPTypes
import Hummingbird
import Mail
import NIOCore

extension Problem {
    static let contentType = "application/problem+json"

    func response(requestID: String) -> Response {
        var headers = headers
        headers[.contentType] = Self.contentType
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        let body = ByteBuffer(bytes: json(requestID: requestID).bytes)
        return Response(status: code.status, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// The body, members in the order of RFC 9457. Without `instance` for one of several problems of a request.
    func json(requestID: String? = nil) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("type", .string("/docs/problems/\(code.name)")),
            ("title", .string(code.title)),
            ("status", .number(code.status.code)),
            ("detail", .string(detail)),
        ]
        if let requestID { members.append(("instance", .string("/requests/\(Self.pathSegment(requestID))"))) }
        members.append(("code", .string(code.name)))
        if !errors.isEmpty {
            let errors = errors.map { error -> JSONValue in
                let line = error.line.map { [("line", JSONValue.number($0))] } ?? []
                return JSONValue.object(
                    line + [("pointer", .string(error.pointer)), ("detail", .string(error.detail))]
                )
            }
            members.append(("errors", .array(errors)))
        }
        return .object(members)
    }

    /// Percent-encodes what RFC 3986 does not leave unreserved.
    private static func pathSegment(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
