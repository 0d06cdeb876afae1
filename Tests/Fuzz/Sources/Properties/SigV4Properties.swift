import Foundation

@testable import Signing

/// SigV4: what is signed can be verified by one who knows only AWS's description and what goes over the wire.
enum SigV4Properties {
    private static let signer = SigV4Signer(region: "eu-central-1", service: "ses")
    private static let credentials = SigV4Credentials(
        accessKeyID: "AKIDEXAMPLE",
        secretAccessKey: "example/secret",
        sessionToken: "token"
    )

    static func check(_ input: [UInt8]) {
        let fields = input.fields(6)
        let seconds = fields[0].prefix(5).reduce(Int64(0)) { $0 << 8 | Int64($1) } % 250_000_000_000
        let date = SigV4Date(unixSeconds: seconds)
        require(date.text.utf8.count == 16 && date.text.hasPrefix(date.day + "T"), "the date \(date.text)")
        checkCoding(input)
        let headers = fields[4].text.components("\n").map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return SigV4Request.Header(name: parts[0], value: parts.count > 1 ? parts[1] : "")
        }
        let request = SigV4Request(
            method: fields[1].text,
            path: fields[2].text,
            query: fields[3].text,
            headers: [SigV4Request.Header(name: "Host", value: "email.example")] + headers,
            body: fields[5]
        )
        let query = CanonicalRequest.query(request.query)
        require(CanonicalRequest.query(query).isSame(as: query), "the canonical query is not stable: \(query)")
        let path = CanonicalRequest.path(request.path)
        require(path.hasPrefix("/") && path.isPrintableASCII, "the canonical path \(path)")
        let signature = signer.sign(request, with: credentials, at: date)
        require(signature.signature.utf8.count == 64, "a signature of \(signature.signature.utf8.count) digits")
        // Words that no request can have are not AWS's to describe.
        let isMethod = request.method.utf8.allSatisfy { (0x41...0x5A).contains($0) }
        guard isMethod, headers.allSatisfy({ isName($0.name) }) else { return }
        var sent = request
        sent.headers += signature.headers.filter { $0.name != "Authorization" }
        let authorization = unwrap(signature.headers.last { $0.name == "Authorization" }?.value, "it is not signed")
        verify(sent, authorization, day: date.day, text: date.text)
    }

    private static func isName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
        }
        let ours = ["authorization", "x-amz-date", "x-amz-security-token"]
        return isPlain && !name.isEmpty && !ours.contains(name.lowercased())
    }

    private static func checkCoding(_ input: [UInt8]) {
        let encoded = PercentCoding.encode(input)
        require(encoded.isPrintableASCII, "percent-encoded text with other than ASCII")
        require(PercentCoding.decode(encoded.utf8) == input, "percent-encoded bytes are read as others")
        if let text = String(validating: input, as: UTF8.self) {
            require(encoded.removingPercentEncoding?.isSame(as: text) == true, "Foundation reads it as something else")
        }
        require(Hex.decode(Hex.encode(input)) == input, "hexadecimal digits are read as other bytes")
        _ = PercentCoding.decode(input)
        if let bytes = Hex.decode(input.text) { require(Hex.encode(bytes) == input.text.lowercased(), "other digits") }
    }

    // MARK: The verifier

    private static func verify(_ request: SigV4Request, _ authorization: String, day: String, text: String) {
        let scope = "\(day)/eu-central-1/ses/aws4_request"
        let start = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\(scope), SignedHeaders="
        require(authorization.hasPrefix(start), "the header \(authorization)")
        let rest = authorization.dropFirst(start.count).components(separatedBy: ", Signature=")
        require(rest.count == 2, "the header \(authorization)")
        var values: [String: [String]] = [:]
        for header in request.headers { values[header.name.lowercased(), default: []].append(trimmed(header.value)) }
        let names = values.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        require(rest[0] == names.joined(separator: ";"), "\(rest[0]) are signed, and not \(names)")
        let lines = names.map { "\($0):\(values[$0, default: []].joined(separator: ","))" }
        let parts =
            [request.method, path(request.path), query(request.query)] + lines
            + ["", rest[0], Hex.encode(SHA256.hash(request.body))]
        let canonical = parts.joined(separator: "\n")
        let toSign = "AWS4-HMAC-SHA256\n\(text)\n\(scope)\n" + Hex.encode(SHA256.hash(Array(canonical.utf8)))
        var key = HMACSHA256.code(of: Array(day.utf8), key: Array("AWS4example/secret".utf8))
        for part in ["eu-central-1", "ses", "aws4_request"] { key = HMACSHA256.code(of: Array(part.utf8), key: key) }
        let signature = Hex.encode(HMACSHA256.code(of: Array(toSign.utf8), key: key))
        require(rest[1] == signature, "the signature of\n\(canonical)\nis another")
    }

    private static func trimmed(_ value: String) -> String {
        let words = value.utf8.split { $0 == 0x20 || (0x09...0x0D).contains($0) }
        return words.map { String(decoding: Array($0), as: UTF8.self) }.joined(separator: " ")
    }

    private static let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    private static func encoded(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            if unreserved.contains(byte) { return String(UnicodeScalar(byte)) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    private static func path(_ path: String) -> String {
        var segments: [[UInt8]] = []
        for segment in Array(path.utf8).split(separator: 0x2F) {
            if segment.elementsEqual("..".utf8) {
                if !segments.isEmpty { segments.removeLast() }
            } else if !segment.elementsEqual(".".utf8) {
                segments.append(Array(segment))
            }
        }
        let joined = segments.map { "/" + encoded($0) }.joined()
        return joined.isEmpty ? "/" : joined + (path.utf8.last == 0x2F ? "/" : "")
    }

    private static func query(_ query: String) -> String {
        // Pairs of bytes, which sort as AWS sorts them.
        let pairs = Array(query.utf8).split(separator: 0x26).map { pair in
            let name = pair.prefix { $0 != 0x3D }
            return [Array(name), Array(pair.dropFirst(name.count + 1))].map { Array(encoded(decoded($0)).utf8) }
        }
        let sorted = pairs.sorted { left, right in
            left[0] == right[0]
                ? left[1].lexicographicallyPrecedes(right[1]) : left[0].lexicographicallyPrecedes(right[0])
        }
        return sorted.map { $0[0].text + "=" + $0[1].text }.joined(separator: "&")
    }

    private static func decoded(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        func digit(_ at: Int) -> UInt8? {
            guard at < bytes.count, bytes[at] < 0x80 else { return nil }
            return Character(UnicodeScalar(bytes[at])).hexDigitValue.map { UInt8($0) }
        }
        while index < bytes.count {
            if bytes[index] == 0x25, let high = digit(index + 1), let low = digit(index + 2) {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}
