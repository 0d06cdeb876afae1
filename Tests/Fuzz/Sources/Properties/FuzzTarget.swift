import Glibc

/// A parser and what must hold of it for every input.
public struct FuzzTarget: Sendable {
    public let name: String
    private let check: @Sendable ([UInt8]) -> Void

    /// One in so many inputs is also tried grown large; a small one says nothing of quadratic time.
    private static let growthInterval: UInt64 = 256
    private static let grownBytes = 64 << 10
    /// Of processor time, for a grown input: many times what the slowest takes, and a small part of what it would take if its time
    /// grew with the square.
    private static let limit = 2.0

    public static let all = [
        FuzzTarget(name: "address", check: AddressProperties.check),
        FuzzTarget(name: "compose", check: ComposeProperties.check),
        FuzzTarget(name: "json", check: JSONProperties.check),
        FuzzTarget(name: "mime", check: RawMessageProperties.check),
        FuzzTarget(name: "send", check: SendProperties.check),
        FuzzTarget(name: "ses", check: SESProperties.check),
        FuzzTarget(name: "sigv4", check: SigV4Properties.check),
        FuzzTarget(name: "sns", check: SNSProperties.check),
        FuzzTarget(name: "template", check: TemplateProperties.check),
        FuzzTarget(name: "words", check: WordProperties.check),
    ]

    /// Traps when a property does not hold.
    public func run(_ input: [UInt8]) {
        check(input)
        // FNV-1a.
        let hash = input.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        guard !input.isEmpty, (hash >> 32) % Self.growthInterval == 0 else { return }
        let grown = Self.grow(input, hash: hash)
        let start = clock()
        check(grown)
        let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
        require(seconds < Self.limit, "\(grown.count) bytes grown from the input took \(seconds) s")
    }

    /// The input with a piece of it repeated. Where the piece lies follows from the input itself, so that a failure comes again.
    private static func grow(_ input: [UInt8], hash: UInt64) -> [UInt8] {
        let start = Int(truncatingIfNeeded: hash & 0xFFFF) % input.count
        let end = start + 1 + Int(truncatingIfNeeded: hash >> 16 & 0xFFFF) % (input.count - start)
        var grown = Array(input[..<start])
        while grown.count < grownBytes { grown += input[start..<end] }
        return grown + input[end...]
    }
}

/// Stops the fuzzer where something does not hold.
func require(_ condition: Bool, _ what: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line) {
    guard condition else { fatalError(what(), file: file, line: line) }
}

/// The same for what must be there.
func unwrap<Value>(
    _ value: Value?,
    _ what: @autoclosure () -> String,
    file: StaticString = #fileID,
    line: UInt = #line
) -> Value {
    guard let value else { fatalError(what(), file: file, line: line) }
    return value
}

extension [UInt8] {
    /// The input as fields: NUL ends one. Missing ones are empty.
    func fields(_ count: Int) -> [[UInt8]] {
        let parts = split(separator: 0, maxSplits: count - 1, omittingEmptySubsequences: false).map { Array($0) }
        return parts + Array<[UInt8]>(repeating: [], count: count - parts.count)
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}

extension StringProtocol {
    /// Whether they are the same bytes: strings are equal that are only canonically equivalent.
    func isSame(as other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

    /// On one line of ASCII, as what goes into a header or an API's address must be.
    var isPrintableASCII: Bool { utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
}
