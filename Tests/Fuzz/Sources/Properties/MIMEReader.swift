import Foundation

/// A strict reader of MIME messages, for what Sluice writes: it knows only what RFC 2045, 2046 and 2231 say, and nothing of how
/// `MIMEWriter` does it.
struct MIMEReader {
    struct Part {
        var fields: [(name: String, value: String)] = []
        /// Decoded; empty for a multipart.
        var body: [UInt8] = []
        var parts: [Part] = []

        func value(_ name: String) -> String? {
            fields.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        /// Those without parts, in order.
        var leaves: [Part] { parts.isEmpty ? [self] : parts.flatMap(\.leaves) }
    }

    static func read(_ bytes: some Collection<UInt8>, depth: Int = 0) -> Part {
        require(depth < 8, "parts are nested deeply")
        let bytes = Array(bytes)
        var part = Part()
        let body = readFields(bytes, &part)
        let type = MIMEParameters(unwrap(part.value("content-type"), "a part without a type"))
        if type.value.hasPrefix("multipart/") {
            let boundary = unwrap(type["boundary"], "a multipart without a boundary")
            part.parts = split(Array(body), boundary: boundary).map { read($0, depth: depth + 1) }
            return part
        }
        part.body = decoded(Array(body), unwrap(part.value("content-transfer-encoding"), "a part without an encoding"))
        return part
    }

    private static func readFields(_ bytes: [UInt8], _ part: inout Part) -> ArraySlice<UInt8> {
        var position = 0
        while position < bytes.count {
            let end = unwrap(bytes[position...].firstIndex(of: 0x0D), "a header line does not end")
            require(end + 1 < bytes.count && bytes[end + 1] == 0x0A, "a bare CR in the header")
            let line = bytes[position..<end]
            position = end + 2
            if line.isEmpty { return bytes[position...] }
            let text = String(decoding: line, as: UTF8.self)
            require(text.isPrintableASCII, "a header line with other than printable ASCII")
            require(line.count <= 998, "a header line of \(line.count) bytes")
            require(!text.utf8.allSatisfy { $0 == 0x20 }, "a header line of white space")
            if text.hasPrefix(" ") {
                require(!part.fields.isEmpty, "the header begins with a fold")
                part.fields[part.fields.count - 1].value += text
            } else {
                let colon = unwrap(text.firstIndex(of: ":"), "a header line without a colon")
                part.fields.append((String(text[..<colon]), String(text[text.index(after: colon)...])))
            }
        }
        fatalError("the header has no end")
    }

    private static func split(_ body: [UInt8], boundary: String) -> [[UInt8]] {
        let text = Array("\r\n--\(boundary)".utf8)
        // The first boundary stands at the start.
        var rest = ([0x0D, 0x0A] + body)[...]
        var parts: [[UInt8]] = []
        var isFirst = true
        while true {
            let found = unwrap(rest.firstRange(of: text), "a multipart does not end")
            if !isFirst { parts.append(Array(rest[..<found.lowerBound])) }
            require(!isFirst || found.lowerBound == rest.startIndex, "something stands before the first part")
            isFirst = false
            rest = rest[found.upperBound...]
            if rest.starts(with: "--\r\n".utf8) {
                require(rest.count == 4, "something stands behind the last part")
                return parts
            }
            require(rest.starts(with: "\r\n".utf8), "a boundary's line goes on")
            rest = rest.dropFirst(2)
        }
    }

    private static func decoded(_ body: [UInt8], _ encoding: String) -> [UInt8] {
        for line in body.split(separator: 0x0A, omittingEmptySubsequences: false) {
            require(line.count <= 999, "a body line of \(line.count) bytes")
        }
        require(body.allSatisfy { $0 != 0 && $0 < 0x80 }, "a body with NUL or 8-bit bytes")
        switch encoding.trimmingCharacters(in: .whitespaces) {
        case "7bit": return body
        case "base64":
            let text = body.filter { $0 != 0x0D && $0 != 0x0A }
            return Array(unwrap(Data(base64Encoded: Data(text)), "a body that is no base64"))
        case "quoted-printable": return quotedPrintable(body)
        default: fatalError("the encoding \(encoding)")
        }
    }

    private static func quotedPrintable(_ body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < body.count {
            guard body[index] == UInt8(ascii: "=") else {
                result.append(body[index])
                index += 1
                continue
            }
            require(index + 2 < body.count, "an escape is cut off")
            let digits = String(decoding: body[(index + 1)...(index + 2)], as: UTF8.self)
            if digits != "\r\n" { result.append(unwrap(UInt8(digits, radix: 16), "=\(digits)")) }
            index += 3
        }
        return result
    }
}

/// A structured value with parameters (RFC 2045, section 5.1; RFC 2231).
struct MIMEParameters {
    let value: String
    private var parameters: [String: String] = [:]

    init(_ text: String) {
        let parts = Self.split(text)
        value = parts[0].trimmingCharacters(in: .whitespaces)
        var raw: [String: String] = [:]
        for part in parts.dropFirst() {
            let equals = unwrap(part.firstIndex(of: "="), "a parameter without a value: \(text)")
            let name = part[..<equals].trimmingCharacters(in: .whitespaces).lowercased()
            let value = Self.unquoted(part[part.index(after: equals)...].trimmingCharacters(in: .whitespaces))
            require(raw.updateValue(value, forKey: name) == nil, "a parameter stands twice: \(text)")
        }
        for (name, value) in raw {
            guard name.contains("*") else {
                parameters[name] = value
                continue
            }
            let base = String(name.prefix { $0 != "*" })
            var joined = ""
            if let whole = raw[base + "*"] {
                joined = whole
            } else {
                var number = 0
                while let section = raw["\(base)*\(number)*"] {
                    joined += section
                    number += 1
                }
            }
            guard joined.lowercased().hasPrefix("utf-8''") else { continue }
            parameters[base] = joined.dropFirst(7).removingPercentEncoding
        }
    }

    subscript(name: String) -> String? { parameters[name] }

    private static func split(_ text: String) -> [String] {
        var parts = [""]
        var isQuoted = false
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if scalar == ";", !isQuoted {
                parts.append("")
                continue
            }
            if scalar == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && scalar == "\\" && !isEscaped
            parts[parts.count - 1].unicodeScalars.append(scalar)
        }
        require(!isQuoted, "a quotation mark is never closed: \(text)")
        return parts
    }

    private static func unquoted(_ text: String) -> String {
        guard text.hasPrefix("\"") else { return text }
        var result = ""
        var isEscaped = false
        for scalar in text.dropFirst().dropLast().unicodeScalars {
            if scalar == "\\", !isEscaped {
                isEscaped = true
                continue
            }
            isEscaped = false
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
