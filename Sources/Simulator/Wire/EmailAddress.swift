/// Checks addresses as SES does: `a@x` or `Name <a@x>`, with a 7-bit local part and a Punycode domain. The words of the
/// refusals are JavaMail's, which SES shows.
struct EmailAddress {
    private static let simulated = ["success", "bounce", "ooto", "complaint", "suppressionlist"].map { Array($0.utf8) }
    private static let simulatorDomain = Array("simulator.amazonses.com".utf8)

    /// Why SES refuses the address; nil where it takes it.
    let fault: String?
    /// Whether it is an address of SES's mailbox simulator, which costs no daily quota.
    let isSimulated: Bool

    init(_ text: String) {
        let bytes = Array(text.utf8)
        let spec = Self.addressSpec(of: bytes[...])
        guard let at = spec.lastIndex(of: UInt8(ascii: "@")) else {
            fault = spec.isEmpty ? "Empty address" : "Missing final '@domain'"
            isSimulated = false
            return
        }
        let local = spec[spec.startIndex..<at]
        let domain = spec[(at + 1)...]
        fault = Self.fault(ofLocal: local) ?? Self.fault(ofDomain: domain)
        isSimulated = fault == nil && Self.isSimulated(local: local, domain: domain)
    }

    /// The part in angle brackets, where there are any, without white space around it.
    private static func addressSpec(of text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let trimmed = trim(text)
        guard trimmed.last == UInt8(ascii: ">"), let open = trimmed.lastIndex(of: UInt8(ascii: "<")) else {
            return trimmed
        }
        return trimmed[(open + 1)..<(trimmed.endIndex - 1)]
    }

    private static func trim(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var trimmed = text
        while let first = trimmed.first, first == 0x20 || first == 0x09 { trimmed = trimmed.dropFirst() }
        while let last = trimmed.last, last == 0x20 || last == 0x09 { trimmed = trimmed.dropLast() }
        return trimmed
    }

    private static func fault(ofLocal local: ArraySlice<UInt8>) -> String? {
        guard let first = local.first, let last = local.last else { return "Missing local name" }
        guard local.count <= 64 else { return "Local address is longer than 64 characters" }
        guard local.allSatisfy({ $0 < 0x80 }) else { return "Local address contains non-ASCII characters" }
        let quote = UInt8(ascii: "\"")
        if first == quote {
            guard local.count >= 3, last == quote, local.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                return "Quoted local address is malformed"
            }
            return nil
        }
        let dot = UInt8(ascii: ".")
        if first == dot { return "Local address starts with dot" }
        if last == dot { return "Local address ends with dot" }
        var previous: UInt8 = 0
        for byte in local {
            if byte == dot, previous == dot { return "Local address contains dot-dot" }
            if byte <= 0x20 || byte == 0x7F { return "Local address contains control or whitespace" }
            if isSpecial(byte) { return "Local address contains illegal character" }
            previous = byte
        }
        return nil
    }

    private static func fault(ofDomain domain: ArraySlice<UInt8>) -> String? {
        guard let first = domain.first, let last = domain.last else { return "Missing domain" }
        guard domain.count <= 255 else { return "Domain is longer than 255 characters" }
        if first == UInt8(ascii: "[") {
            return last == UInt8(ascii: "]") && domain.allSatisfy { $0 > 0x20 && $0 < 0x7F }
                ? nil : "Domain literal is malformed"
        }
        let dot = UInt8(ascii: ".")
        if first == dot { return "Domain starts with dot" }
        if last == dot { return "Domain ends with dot" }
        var previous: UInt8 = 0
        for byte in domain {
            if byte == dot, previous == dot { return "Domain contains dot-dot" }
            if byte <= 0x20 || byte == 0x7F { return "Domain contains control or whitespace" }
            guard isDomainCharacter(byte) else { return "Domain contains illegal character" }
            previous = byte
        }
        return nil
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ","),
            UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "@"):
            true
        default: false
        }
    }

    private static func isDomainCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func isSimulated(local: ArraySlice<UInt8>, domain: ArraySlice<UInt8>) -> Bool {
        mailbox(local: local, domain: domain) != nil
    }

    private static func mailbox(local: ArraySlice<UInt8>, domain: ArraySlice<UInt8>) -> [UInt8]? {
        guard domain.count == simulatorDomain.count,
            domain.elementsEqual(simulatorDomain, by: { $0 | 0x20 == $1 | 0x20 })
        else { return nil }
        let mailbox = local.prefix { $0 != UInt8(ascii: "+") }
        return simulated.first { $0.elementsEqual(mailbox, by: { $0 == $1 | 0x20 }) }
    }
}

extension EmailAddress {
    /// The address without a display name.
    static func bare(_ text: String) -> String {
        String(decoding: addressSpec(of: Array(text.utf8)[...]), as: UTF8.self)
    }

    /// The domain in lower case; empty where there is none.
    static func domain(_ text: String) -> String {
        let bare = bare(text)
        guard let at = bare.lastIndex(of: "@") else { return "" }
        return bare[bare.index(after: at)...].lowercased()
    }

    /// Which address of SES's mailbox simulator it is, label left out: `success`, `bounce`, `ooto`, `complaint` or
    /// `suppressionlist`; nil for all others.
    static func simulatedMailbox(_ text: String) -> String? {
        let spec = addressSpec(of: Array(text.utf8)[...])
        guard let at = spec.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        return mailbox(local: spec[spec.startIndex..<at], domain: spec[(at + 1)...]).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
