/// Writes header fields into a buffer and folds them (RFC 5322, section 2.2.3).
///
/// Lines stay within 78 characters, and within 76 where they hold an encoded word (RFC 2047, section 2), unless one
/// piece alone is longer. A fold only ever replaces white space that is there anyway, so unfolding gives back the
/// same text.
struct HeaderWriter {
    private static let plainLimit = 78
    private static let encodedLimit = 76
    /// Fits on a line, 998 characters, behind any field name.
    private static let longestWord = 860

    private(set) var bytes: [UInt8]
    private var column = 0
    /// False: everything stays on one line, for header forms that go into an API call.
    private let folds: Bool
    /// Whether something stands on this line behind which a fold leaves no blank line.
    private var canFold = false
    private var limit = plainLimit

    init(into bytes: [UInt8] = [], folds: Bool = true) {
        self.bytes = bytes
        self.folds = folds
    }

    /// Starts a field: `Name:`.
    mutating func begin(_ name: String) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ":"))
        column = name.utf8.count + 1
        canFold = false
        limit = Self.plainLimit
    }

    /// Ends a field.
    mutating func end() {
        bytes.append(contentsOf: [ASCII.carriageReturn, ASCII.lineFeed])
        column = 0
    }

    /// A whole field of an ASCII value that needs no encoding.
    mutating func field(_ name: String, _ value: String) {
        begin(name)
        words(value)
        end()
    }

    /// A piece that cannot be broken, behind `space`, which may become a fold. Nothing stands before the very first
    /// piece of a form.
    mutating func piece(
        _ piece: some Collection<UInt8>,
        after space: some Collection<UInt8> = CollectionOfOne(ASCII.space)
    ) {
        let count = piece.count
        if column + space.count + count > limit { fold() }
        write(space)
        write(piece)
        canFold = true
    }

    /// ASCII text, broken where it has spaces.
    mutating func words(_ text: some StringProtocol) {
        for (space, word) in Self.split(text) {
            piece(word.utf8, after: space.isEmpty ? " ".utf8[...] : space.utf8)
        }
    }

    /// `name=value` pairs behind a semicolon each, as in `Content-Type`.
    mutating func parameter(_ text: String) {
        bytes.append(UInt8(ascii: ";"))
        column += 1
        piece(text.utf8)
    }

    /// Text of which words that are not plain ASCII become encoded words.
    mutating func unstructured(_ text: String) {
        guard !EmailAddress.hasOuterSpace(text) else { return encoded(text[...]) }
        var run: Range<String.Index>?
        for (space, word) in Self.split(text) {
            if Self.needsEncoding(word) {
                // White space between two encoded words is lost, so neighbours share a run. Of the white space before
                // a run one character stays outside.
                let start =
                    run?.lowerBound ?? (space.isEmpty ? word.startIndex : text.utf8.index(after: space.startIndex))
                run = start..<word.endIndex
                continue
            }
            if let range = run { encoded(text[range]) }
            run = nil
            piece(word.utf8, after: space.isEmpty ? " ".utf8[...] : space.utf8)
        }
        if let range = run { encoded(text[range]) }
    }

    /// A run of encoded words for the whole text.
    mutating func encoded(_ text: Substring) {
        let encoding = EncodedWord.shorterEncoding(text)
        var rest = text
        repeat {
            // Too little room for a word that says something: begin a line.
            if folds, canFold, Self.encodedLimit - column - 1 < 32 { fold() }
            let room = folds ? max(Self.encodedLimit - column - 1, 24) : EncodedWord.maximumLength
            let (word, next) = EncodedWord.take(rest, room: room, encoding: encoding)
            write(CollectionOfOne(ASCII.space))
            write(word)
            canFold = true
            limit = Self.encodedLimit
            rest = next
        } while !rest.isEmpty
    }

    /// Bytes that are no header.
    mutating func body(_ body: some Collection<UInt8>) {
        bytes.append(contentsOf: body)
    }

    /// Begins a line if `count` characters and a space do not fit on this one.
    mutating func foldUnlessFitting(_ count: Int) {
        if column + 1 + count > limit { fold() }
    }

    private mutating func fold() {
        guard folds, canFold else { return }
        bytes.append(contentsOf: [ASCII.carriageReturn, ASCII.lineFeed])
        column = 0
        canFold = false
        limit = Self.plainLimit
    }

    private mutating func write(_ piece: some Collection<UInt8>) {
        bytes.append(contentsOf: piece)
        column += piece.count
    }

    /// The words of a text, each with the spaces before it; spaces at the end belong to no word.
    private static func split(_ text: some StringProtocol) -> [(space: Substring, word: Substring)] {
        let text = Substring(text)
        var result: [(space: Substring, word: Substring)] = []
        var index = text.startIndex
        while index < text.endIndex {
            let wordStart = text.utf8[index...].firstIndex { $0 != ASCII.space } ?? text.endIndex
            let wordEnd = text.utf8[wordStart...].firstIndex(of: ASCII.space) ?? text.endIndex
            if wordStart < wordEnd { result.append((text[index..<wordStart], text[wordStart..<wordEnd])) }
            index = wordEnd
        }
        return result
    }

    private static func needsEncoding(_ word: Substring) -> Bool {
        word.utf8.count > longestWord || !word.utf8.allSatisfy(ASCII.isPrintable) || EncodedWord.looksEncoded(word)
    }
}
