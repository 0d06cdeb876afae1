extension EmailAddress {
    /// The form for a header field or for SES's address parameters, on one line: ASCII, the name as it is, quoted, or
    /// as encoded words of UTF-8 (RFC 5322, section 3.4; RFC 2047, section 5).
    public var headerForm: String {
        guard displayName != nil else { return addrSpec }
        var writer = HeaderWriter(folds: false)
        write(to: &writer, suffix: "")
        return String(decoding: writer.bytes.dropFirst(), as: UTF8.self)
    }

    /// The pieces of the header form, `suffix` (a comma) stuck to the last.
    func write(to writer: inout HeaderWriter, suffix: String) {
        guard let displayName else {
            return writer.piece((addrSpec + suffix).utf8)
        }
        if !displayName.utf8.allSatisfy(ASCII.isPrintable) || EncodedWord.looksEncoded(displayName) {
            writer.encoded(displayName[...])
        } else if displayName.utf8.allSatisfy({ ASCII.isAtomText($0) || $0 == ASCII.space }),
            !Self.hasOuterOrDoubleSpace(displayName)
        {
            writer.words(displayName)
        } else {
            writer.words(Self.quoted(displayName))
        }
        writer.piece(("<" + addrSpec + ">" + suffix).utf8)
    }
}

extension HeaderWriter {
    /// A field that lists addresses; one that does not fit on the line begins the next.
    mutating func addresses(_ name: String, _ addresses: [EmailAddress]) {
        begin(name)
        for (index, address) in addresses.enumerated() {
            let suffix = index + 1 < addresses.count ? "," : ""
            foldUnlessFitting(address.headerForm.utf8.count + suffix.utf8.count)
            address.write(to: &self, suffix: suffix)
        }
        end()
    }
}
