internal import Foundation

extension HeaderWriter {
    /// A parameter of `Content-Type` or `Content-Disposition`: as token or quoted string, or, where the value is not
    /// ASCII or too long for a line, extended and continued as RFC 2231 says.
    mutating func parameter(_ name: String, _ value: String) {
        // Many readers decode encoded words even where RFC 2047 forbids them, so what looks like one is extended too.
        if value.utf8.allSatisfy(ASCII.isPrintable), name.utf8.count + value.utf8.count <= 60,
            !EncodedWord.looksEncoded(value)
        {
            let plain = !value.isEmpty && value.utf8.allSatisfy(ASCII.isToken)
            return parameter("\(name)=" + (plain ? value : EmailAddress.quoted(value)))
        }
        // Room for ` name*12*=`, `utf-8''` in the first section and the semicolon.
        let capacity = 76 - name.utf8.count - 7
        var sections: [String] = []
        var current = "utf-8''"
        for scalar in value.unicodeScalars {
            let encoded = Self.percentEncoded(scalar)
            if current.utf8.count + encoded.utf8.count > capacity {
                sections.append(current)
                current = ""
            }
            current += encoded
        }
        if sections.isEmpty { return parameter("\(name)*=\(current)") }
        sections.append(current)
        for (index, section) in sections.enumerated() {
            parameter("\(name)*\(index)*=\(section)")
        }
    }

    /// A file name in ASCII, for readers that know nothing of RFC 2231: letters without their marks, `_` for what has
    /// none.
    static func asciiFallback(_ filename: String) -> String {
        let replaced = Array("\"\\?".utf8)
        var result = ""
        for scalar in filename.decomposedStringWithCompatibilityMapping.unicodeScalars {
            if scalar.isASCII {
                let byte = UInt8(truncatingIfNeeded: scalar.value)
                let kept = ASCII.isPrintable(byte) && !replaced.contains(byte)
                result.unicodeScalars.append(kept ? scalar : "_")
            } else if scalar.properties.generalCategory != .nonspacingMark {
                result.append("_")
            }
        }
        guard result.utf8.count > 50 else { return result }
        // Keep the extension: it decides what opens the file.
        let suffix = result.lastIndex(of: ".").map { String(result[$0...].prefix(10)) } ?? ""
        return String(result.prefix(50 - suffix.utf8.count)) + suffix
    }

    private static func percentEncoded(_ scalar: Unicode.Scalar) -> String {
        var result: [UInt8] = []
        for byte in String(scalar).utf8 {
            if byte < 0x80, isAttributeCharacter(byte) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), Hexadecimal.upper(byte >> 4), Hexadecimal.upper(byte & 0xF)]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `attribute-char` of RFC 2231, section 7.
    private static func isAttributeCharacter(_ byte: UInt8) -> Bool {
        ASCII.isToken(byte) && byte != UInt8(ascii: "*") && byte != UInt8(ascii: "'") && byte != UInt8(ascii: "%")
    }
}
