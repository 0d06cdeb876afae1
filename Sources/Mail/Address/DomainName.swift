internal import Foundation

/// A mail domain in the form that goes on the wire: ASCII, lower case, labels of non-ASCII text as Punycode (IDNA2008).
///
/// Two labels at least, 63 bytes a label, 253 in all, letters, digits and inner hyphens (RFC 5321, section 2.3.5). IP
/// literals, all-numeric top labels and a trailing dot are refused. Text is mapped as RFC 5895 says: lower case,
/// full-width forms, NFC, and U+3002, U+FF0E and U+FF61 are dots. A label that is Punycode already is only checked to
/// be well-formed, because domains that IDNA2003 allowed (emoji, say) still work.
public struct DomainName: Hashable, Sendable {
    /// For example `xn--bcher-kva.example`.
    public let ascii: String

    public init(parsing text: some StringProtocol) throws(AddressError) {
        if let plain = Self.plain(text.utf8) {
            ascii = plain
            return
        }
        guard !text.isEmpty else { throw AddressError(.domain, "there is nothing after the @") }
        // Longer than any name could be, whatever Punycode makes of it.
        guard text.utf8.count <= 2048 else { throw AddressError(.tooLong, "the domain is longer than 253 bytes") }
        if text.first == "[" {
            throw AddressError(.domain, "IP address literals are not accepted; use a domain name")
        }
        let labels = Self.labels(of: text)
        var ascii: [String] = []
        for label in labels {
            guard !label.isEmpty else {
                throw AddressError(.domain, "the domain starts or ends with a dot, or has two dots in a row")
            }
            ascii.append(try Self.ascii(label))
        }
        guard let top = ascii.last, ascii.count > 1 else {
            throw AddressError(.domain, "the domain has no dot; a full domain such as example.com is needed")
        }
        guard !top.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw AddressError(.domain, "the domain ends with a number; an IP address is no mail domain")
        }
        self.ascii = ascii.joined(separator: ".")
        guard self.ascii.utf8.count <= 253 else { throw AddressError(.tooLong, "the domain is longer than 253 bytes") }
    }

    /// The name where it is one of ASCII letters, digits and hyphens only, which nearly all are; nil for what has to be mapped,
    /// or is wrong.
    private static func plain(_ text: some Collection<UInt8>) -> String? {
        var name: [UInt8] = []
        name.reserveCapacity(64)
        var label = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): name.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): name.append(byte | 0x20)
            case UInt8(ascii: "-") where name.count > label: name.append(byte)
            case UInt8(ascii: ".") where isPlainLabel(name[label...]):
                name.append(byte)
                label = name.count
            default: return nil
            }
            if name.count > 253 { return nil }
        }
        let top = name[label...]
        guard label > 0, isPlainLabel(top), !top.allSatisfy(ASCII.isDigit) else { return nil }
        return string(name)
    }

    private static func isPlainLabel(_ label: ArraySlice<UInt8>) -> Bool {
        (1...63).contains(label.count) && label.last != UInt8(ascii: "-") && !label.starts(with: "xn--".utf8)
    }

    private static func labels(of text: some StringProtocol) -> [[Unicode.Scalar]] {
        var labels: [[Unicode.Scalar]] = [[]]
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x2E, 0x3002, 0xFF0E, 0xFF61: labels.append([])
            default: labels[labels.count - 1].append(scalar)
            }
        }
        return labels
    }

    private static func ascii(_ label: [Unicode.Scalar]) throws(AddressError) -> String {
        let mapped = map(label)
        let result: String
        if mapped.allSatisfy(\.isASCII) {
            result = string(mapped)
            try checkASCII(result)
        } else {
            try DomainLabel.check(mapped)
            guard let encoded = Punycode.encode(mapped) else {
                throw AddressError(.tooLong, "a part of the domain is longer than 63 bytes in Punycode")
            }
            result = "xn--" + encoded
        }
        guard result.utf8.count <= 63 else {
            throw AddressError(
                .tooLong,
                "a part of the domain is longer than 63 bytes (non-ASCII text counts as Punycode)"
            )
        }
        return result
    }

    /// RFC 5895, section 2: lower case, wide and narrow forms, NFC.
    private static func map(_ label: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var text = ""
        for scalar in label {
            if scalar.isASCII {
                text.append(scalar.properties.lowercaseMapping)
            } else if (0xFF00...0xFFEF).contains(scalar.value) {
                text.append(String(scalar).precomposedStringWithCompatibilityMapping.lowercased())
            } else if DomainLabel.isCherokee(scalar) {
                text.unicodeScalars.append(DomainLabel.foldCherokee(scalar))
            } else {
                text.append(scalar.properties.lowercaseMapping)
            }
        }
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return Array(text.unicodeScalars) }
        return Array(text.precomposedStringWithCanonicalMapping.unicodeScalars)
    }

    private static func checkASCII(_ label: String) throws(AddressError) {
        for byte in label.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                continue
            case 0...0x20, 0x7F: throw AddressError(.domain, "the domain holds white space or a control character")
            default:
                let character = Character(Unicode.Scalar(byte))
                throw AddressError(
                    .domain,
                    "the domain holds \"\(character)\"; only letters, digits, dots and hyphens may"
                )
            }
        }
        guard !label.hasPrefix("-"), !label.hasSuffix("-") else {
            throw AddressError(.domain, "a part of the domain starts or ends with a hyphen")
        }
        guard label.hasPrefix("xn--") else { return }
        let encoded = label.utf8.dropFirst(4)
        guard let scalars = Punycode.decode(encoded), !scalars.allSatisfy(\.isASCII),
            Punycode.encode(scalars) == string(encoded), !scalars.contains(where: DomainLabel.isNoCharacter)
        else { throw AddressError(.domain, "a part of the domain starts with xn-- but is no Punycode") }
    }

    private static func string(_ scalars: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func string(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
