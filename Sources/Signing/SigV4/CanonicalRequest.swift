/// The canonical form of a request (AWS, "Signature Version 4 signing process", task 1), for every service but S3.
struct CanonicalRequest {
    let text: String

    /// The names in `SignedHeaders`, joined with `;`.
    let signedHeaders: String

    init(_ request: SigV4Request) {
        let fields = Self.fields(request.headers)
        signedHeaders = fields.map(\.name).joined(separator: ";")
        text =
            """
            \(request.method)
            \(Self.path(request.path))
            \(Self.query(request.query))
            \(fields.map { "\($0.name):\($0.value)\n" }.joined())
            \(signedHeaders)
            \(Hex.encode(SHA256.hash(request.body)))
            """
    }

    /// Without `.`, `..` and empty segments, and each segment encoded once more than on the wire.
    static func path(_ path: String) -> String {
        var segments: [Substring.UTF8View] = []
        for segment in path.utf8.split(separator: UInt8(ascii: "/")) {
            switch String(Substring(segment)) {
            case ".": continue
            case "..": _ = segments.popLast()
            default: segments.append(segment)
            }
        }
        guard !segments.isEmpty else { return "/" }
        let closing = path.utf8.last == UInt8(ascii: "/") ? "/" : ""
        return "/" + segments.map { PercentCoding.encode($0) }.joined(separator: "/") + closing
    }

    /// Decoded, encoded in the one canonical way, and sorted by name, then value. A `+` stands for itself.
    static func query(_ query: String) -> String {
        let pairs = query.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (
                name: PercentCoding.encode(PercentCoding.decode(parts[0])),
                value: parts.count > 1 ? PercentCoding.encode(PercentCoding.decode(parts[1])) : ""
            )
        }
        return pairs.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
            .map { "\($0.name)=\($0.value)" }
            .joined(separator: "&")
    }

    /// Lower-case names in order, values trimmed, runs of white space one space, values of one name joined with `,`.
    static func fields(_ headers: [SigV4Request.Header]) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        fields.reserveCapacity(headers.count)
        for header in headers {
            let (name, value) = (header.name.lowercased(), words(header.value))
            // Among a handful, looking is cheaper than hashing.
            if let known = fields.firstIndex(where: { $0.name == name }) {
                fields[known].value += "," + value
            } else {
                fields.insert((name, value), at: fields.firstIndex { $0.name > name } ?? fields.count)
            }
        }
        return fields
    }

    private static func words(_ value: String) -> String {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        guard value.utf8.contains(where: isBlank) else { return value }
        return value.utf8.split(whereSeparator: isBlank).map { String(Substring($0)) }.joined(separator: " ")
    }
}
