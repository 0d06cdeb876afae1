/// One mailbox: what stands before the `@`, the domain as it goes on the wire, and the name that people see.
///
/// Equality compares all three. To ask whether two texts mean the same mailbox, compare `matchKey`.
public struct EmailAddress: Hashable, Sendable {
    /// The local part as text, without quotes: ASCII, letters as they were written, at most 64 bytes.
    public let localPart: String

    /// The domain in ASCII, lower case, Punycode where needed.
    public let domain: String

    /// The name before `<`, decoded; never empty, never with control characters.
    public let displayName: String?

    /// Parses one address as people write it: `a@x.example`, `Name <a@x.example>`, `"Last, First" <a@x.example>`.
    ///
    /// Names may be of any script and may come as encoded words (RFC 2047), which are decoded. Comments are skipped.
    /// White space inside the address, IP literals, source routes, groups and lists are refused, and so is a
    /// non-ASCII local part, because SES has no SMTPUTF8.
    public init(parsing text: some StringProtocol) throws(AddressError) {
        var parser = AddressParser(text.utf8)
        self = try parser.parseSingle()
    }

    /// Checks the parts as the parser does; `domain` may be of any script.
    public init(localPart: String, domain: some StringProtocol, displayName: String? = nil) throws(AddressError) {
        self.domain = try DomainName(parsing: domain).ascii
        self.localPart = localPart
        self.displayName = try Self.checkedName(displayName)
        try checkLocalPart()
    }

    private func checkLocalPart() throws(AddressError) {
        guard !localPart.isEmpty else { throw AddressError(.localPart, "there is nothing before the @") }
        for byte in localPart.utf8 where !ASCII.isPrintable(byte) {
            guard byte < 0x80 else {
                throw AddressError(
                    .localPart,
                    "the part before the @ is not ASCII; Amazon SES cannot send there (no SMTPUTF8)"
                )
            }
            throw AddressError(.controlCharacter, "the part before the @ holds a control character")
        }
        let local = localPartInHeader.utf8.count
        guard local <= 64 else { throw AddressError(.tooLong, "the part before the @ is longer than 64 bytes") }
        guard local + 1 + domain.utf8.count <= 254 else {
            throw AddressError(.tooLong, "the address is longer than 254 bytes")
        }
    }

    private static func checkedName(_ name: String?) throws(AddressError) -> String? {
        guard let name else { return nil }
        for scalar in name.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator:
                throw AddressError(.controlCharacter, "the name holds a control character or a line break")
            default: continue
            }
        }
        guard name.utf8.count <= 512 else { throw AddressError(.tooLong, "the name is longer than 512 bytes") }
        return name.isEmpty ? nil : name
    }
}

extension EmailAddress {
    /// The address alone, as it goes into the envelope: `a@x.example`, the local part quoted where RFC 5321 wants it.
    public var addrSpec: String { localPartInHeader + "@" + domain }

    /// `addrSpec` in lower case. Local parts are case-sensitive on paper and in no mail system people use, so this is
    /// what recipients, suppressions and allow-lists are compared by.
    public var matchKey: String { addrSpec.lowercased() }

    /// The same mailbox without its name.
    public var withoutName: EmailAddress {
        EmailAddress(localPart: localPart, domain: domain)
    }

    private init(localPart: String, domain: String) {
        self.localPart = localPart
        self.domain = domain
        self.displayName = nil
    }

    /// The local part, quoted unless it is a dot-atom.
    private var localPartInHeader: String {
        ASCII.isDotAtom(localPart.utf8) ? localPart : Self.quoted(localPart)
    }

    /// Name and address for people and for JSON, the name unencoded: `Jürgen <j@x.example>`. Parsing it gives the
    /// same address.
    public var displayText: String {
        guard let displayName else { return addrSpec }
        let plain = displayName.utf8.allSatisfy { $0 >= 0x80 || ASCII.isAtomText($0) || $0 == ASCII.space }
        let kept = plain && !EncodedWord.looksEncoded(displayName) && !Self.hasOuterOrDoubleSpace(displayName)
        return (kept ? displayName : Self.quoted(displayName)) + " <" + addrSpec + ">"
    }

    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
        return String(decoding: bytes, as: UTF8.self)
    }

    static func hasOuterSpace(_ text: String) -> Bool {
        text.utf8.first == ASCII.space || text.utf8.last == ASCII.space
    }

    static func hasOuterOrDoubleSpace(_ text: String) -> Bool {
        var afterSpace = true
        for byte in text.utf8 {
            if byte == ASCII.space && afterSpace { return true }
            afterSpace = byte == ASCII.space
        }
        return afterSpace && !text.isEmpty
    }
}
