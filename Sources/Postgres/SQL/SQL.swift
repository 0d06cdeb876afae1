/// One SQL statement with its bound values. Interpolated values never become part of the text:
/// `"SELECT * FROM t WHERE id = \(id)"` is sent as `... WHERE id = $1` and the value beside it, typed and binary.
///
/// A bound value has its Swift type's column type, so comparing with an enum column needs a cast: `\(name)::status`.
public struct SQL: Sendable {
    /// Where a value lies in `bytes`, or that it is NULL.
    struct Bind: Sendable {
        var type: PostgresOID
        var offset: Int
        /// -1 for NULL.
        var length: Int
    }

    /// The text between the values: always one more than there are values.
    private(set) var pieces: [String]
    private(set) var binds: [Bind]
    /// The binary forms of all values, one behind the other.
    private(set) var bytes: [UInt8]
    /// Why a value could not be encoded. Interpolation cannot throw, so running the statement does.
    private(set) var failure: PostgresError?

    public init() {
        self.init(trusted: "")
    }

    /// A statement of text only, which must not hold anything from outside.
    public init(raw text: String) {
        self.init(trusted: text)
    }

    private init(trusted text: String) {
        pieces = [text]
        binds = []
        bytes = []
    }

    /// The text as it is sent, with `$1`, `$2`, ... for the values.
    public var text: String {
        if binds.isEmpty { return pieces[0] }
        var text = ""
        text.reserveCapacity(pieces.reduce(0) { $0 + $1.utf8.count + 4 })
        for (index, piece) in pieces.enumerated() {
            if index > 0 { text += "$\(index)" }
            text += piece
        }
        return text
    }

    /// How many values are bound. The protocol allows 65,535.
    public var bindCount: Int { binds.count }

    /// Adds trusted text.
    public mutating func append(raw text: String) {
        pieces[pieces.count - 1] += text
    }

    /// Adds another statement's text and values; its values are renumbered.
    public mutating func append(_ other: SQL) {
        let shift = bytes.count
        append(raw: other.pieces[0])
        pieces.append(contentsOf: other.pieces.dropFirst())
        for bind in other.binds {
            binds.append(Bind(type: bind.type, offset: bind.offset + shift, length: bind.length))
        }
        bytes.append(contentsOf: other.bytes)
        failure = failure ?? other.failure
    }

    /// Adds a value.
    public mutating func bind<Value: PostgresEncodable>(_ value: Value) {
        let start = bytes.count
        var length = -1
        if !value.isPostgresNull {
            do {
                try value.encode(into: &bytes)
                length = bytes.count - start
            } catch {
                note(error)
            }
        }
        binds.append(Bind(type: Value.postgresType, offset: start, length: length))
        pieces.append("")
    }

    private mutating func note(_ error: any Error) {
        guard failure == nil else { return }
        var failure = error as? PostgresError ?? PostgresError(.encoding, "a value cannot be encoded")
        failure.message += " (value $\(binds.count + 1))"
        self.failure = failure
    }

    public static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.append(right)
        return sum
    }

    public static func += (left: inout SQL, right: SQL) {
        left.append(right)
    }
}

/// Shows the text and never the values.
extension SQL: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { text }
    public var debugDescription: String { text }
}
