import Foundation

/// An HTTP answer as a client sees it.
struct TestAnswer: Sendable {
    struct Incomplete: Error {
        let bytes: [UInt8]
    }

    let status: Int
    /// By lower-case name.
    let headers: [String: String]
    let body: String

    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
    }

    var code: String? { json["code"] as? String }

    var pointers: [String] {
        (json["errors"] as? [[String: Any]] ?? []).compactMap { $0["pointer"] as? String }
    }

    /// The first answer in `bytes` and its length; nil while it is not whole. Answers to HEAD are not for this.
    static func parse(_ bytes: [UInt8]) -> (TestAnswer, length: Int)? {
        let end = Array("\r\n\r\n".utf8)
        guard let head = bytes.firstRange(of: end) else { return nil }
        let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first.flatMap({ Int($0.split(separator: " ")[1]) }) else { return nil }
        let fields = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (line[..<colon].lowercased(), line[colon...].dropFirst().trimmingCharacters(in: .whitespaces))
        }
        let headers = Dictionary(fields) { "\($0), \($1)" }
        if headers["transfer-encoding"] == "chunked" {
            guard let (body, length) = chunks(bytes[head.upperBound...]) else { return nil }
            return (TestAnswer(status: status, headers: headers, body: body), head.upperBound + length)
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= head.upperBound + length else { return nil }
        let body = String(decoding: bytes[head.upperBound..<(head.upperBound + length)], as: UTF8.self)
        return (TestAnswer(status: status, headers: headers, body: body), head.upperBound + length)
    }

    /// A body in chunks, and what it takes; nil while its last one is missing.
    private static func chunks(_ bytes: ArraySlice<UInt8>) -> (String, length: Int)? {
        var body: [UInt8] = []
        var rest = bytes
        while let line = rest.firstRange(of: Array("\r\n".utf8)) {
            guard let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) else {
                return nil
            }
            rest = rest[line.upperBound...]
            guard rest.count >= size + 2 else { return nil }
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
            if size == 0 { return (String(decoding: body, as: UTF8.self), bytes.count - rest.count) }
        }
        return nil
    }
}
