/// Reads mailboxes from bytes: one, as the API takes it, or the list of a header field.
///
/// A scanner splits the text into pieces; what stands before `<` becomes the name, whatever it is made of, because
/// people write `Dr. Who <a@x.example>` and `a@x.example <a@x.example>` and mean it.
struct AddressParser {
    private var scanner: AddressScanner

    init(_ bytes: some Sequence<UInt8>) {
        scanner = AddressScanner(Array(bytes))
    }

    /// Exactly one mailbox.
    mutating func parseSingle() throws(AddressError) -> EmailAddress {
        guard scanner.count <= 4096 else {
            throw AddressError(.tooLong, "the address is longer than any address can be")
        }
        var pieces: [AddressScanner.Piece] = []
        while let piece = try scanner.next() { pieces.append(piece) }
        guard !pieces.isEmpty else { throw AddressError(.empty, "the address is empty") }
        if !pieces.contains(where: { $0.isSpecial("<") }) {
            if pieces.contains(where: { $0.isSpecial(",") || $0.isSpecial(";") }) { throw Self.severalError }
            if pieces.contains(where: { $0.isSpecial(":") }) {
                throw AddressError(.syntax, "the address holds a colon; groups of addresses are not accepted")
            }
        }
        return try Self.mailbox(pieces[...])
    }

    /// Every mailbox of a header's list, those in groups too (RFC 5322, section 3.4; RFC 6854). Empty elements are
    /// skipped.
    mutating func parseList() throws(AddressError) -> [EmailAddress] {
        var result: [EmailAddress] = []
        var pieces: [AddressScanner.Piece] = []
        var inGroup = false
        func finish() throws(AddressError) {
            if !pieces.isEmpty { result.append(try Self.mailbox(pieces[...])) }
            pieces = []
        }
        while let piece = try scanner.next() {
            if piece.isSpecial(",") {
                try finish()
            } else if piece.isSpecial(":"), !inGroup, !pieces.contains(where: { $0.isSpecial("<") }) {
                pieces = []
                inGroup = true
            } else if piece.isSpecial(";"), inGroup {
                try finish()
                inGroup = false
            } else {
                pieces.append(piece)
            }
        }
        try finish()
        return result
    }

    private static let severalError = AddressError(
        .several,
        "one address is expected here; a name that holds a comma or a semicolon needs double quotes"
    )

    private static func mailbox(_ pieces: ArraySlice<AddressScanner.Piece>) throws(AddressError) -> EmailAddress {
        guard let open = pieces.firstIndex(where: { $0.isSpecial("<") }) else {
            guard !pieces.contains(where: { $0.isSpecial(">") }) else {
                throw AddressError(.syntax, "the address has a > without a <")
            }
            return try address(pieces, name: nil)
        }
        let name = pieces[..<open]
        if name.contains(where: { $0.isSpecial(",") || $0.isSpecial(";") }) { throw severalError }
        if name.contains(where: { $0.isSpecial(":") }) {
            throw AddressError(.displayName, "a name that holds a colon needs double quotes")
        }
        guard let close = pieces.firstIndex(where: { $0.isSpecial(">") }), close > open else {
            throw AddressError(.syntax, "the address has a < without a >")
        }
        if close + 1 < pieces.endIndex {
            if pieces[(close + 1)...].contains(where: { $0.isSpecial("<") }) { throw severalError }
            throw AddressError(.syntax, "something follows the > of the address")
        }
        let inner = pieces[(open + 1)..<close]
        guard !inner.isEmpty else { throw AddressError(.empty, "there is no address between < and >") }
        if inner.first?.isSpecial("@") == true {
            throw AddressError(.syntax, "the address starts with @; source routes are not accepted")
        }
        return try address(inner, name: text(of: name))
    }

    /// `local@domain`, without any white space in it.
    private static func address(
        _ pieces: ArraySlice<AddressScanner.Piece>,
        name: String?
    ) throws(AddressError) -> EmailAddress {
        guard let at = pieces.lastIndex(where: { $0.isSpecial("@") }) else {
            throw AddressError(.syntax, "the address has no @")
        }
        guard !pieces.dropFirst().contains(where: \.followsSpace) else {
            throw AddressError(.syntax, "the address holds white space; a name goes before <...>")
        }
        if pieces[..<at].contains(where: { $0.isSpecial("@") }) {
            throw AddressError(.syntax, "the address has more than one @")
        }
        let local = try localPart(pieces[..<at])
        var domain = ""
        for piece in pieces[(at + 1)...] {
            guard piece.kind != .quoted else { throw AddressError(.domain, "the domain holds a quotation mark") }
            domain += piece.source
        }
        return try EmailAddress(localPart: local, domain: domain, displayName: name)
    }

    private static func localPart(_ pieces: ArraySlice<AddressScanner.Piece>) throws(AddressError) -> String {
        var text = ""
        var afterWord = false
        for piece in pieces {
            if piece.isSpecial(".") {
                guard afterWord else { throw dotsError }
                afterWord = false
                text += "."
                continue
            }
            if case .special = piece.kind {
                throw AddressError(
                    .localPart,
                    "the part before the @ holds \(piece.source), which needs double quotes there"
                )
            }
            guard !afterWord else {
                throw AddressError(.localPart, "the part before the @ has a quoted text next to another text")
            }
            afterWord = true
            text += piece.kind == .quoted ? piece.text : piece.source
        }
        guard !pieces.isEmpty else { throw AddressError(.localPart, "there is nothing before the @") }
        guard afterWord else { throw dotsError }
        return text
    }

    private static let dotsError = AddressError(
        .localPart,
        "the part before the @ starts or ends with a dot, or has two in a row, which needs double quotes"
    )

    /// The name: pieces with one space where white space stood, and none between encoded words (RFC 2047, section 6.2).
    private static func text(of pieces: ArraySlice<AddressScanner.Piece>) -> String? {
        var result = ""
        var previous: AddressScanner.Piece?
        for piece in pieces {
            let betweenEncoded = piece.kind == .encoded && previous?.kind == .encoded
            if piece.followsSpace, previous != nil, !betweenEncoded { result += " " }
            result += piece.text
            previous = piece
        }
        return result.isEmpty ? nil : result
    }
}
