import Signing

/// A key under which what is written in a day is sealed: each message under one of its own that is derived from this. Its
/// descriptions never show it.
struct DataKey: Sendable, CustomStringConvertible, CustomReflectable {
    let id: Int32
    private let bytes: [UInt8]

    init(id: Int32, bytes: [UInt8]) {
        self.id = id
        self.bytes = bytes
    }

    var description: String { "data key \(id)" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// How what was sealed begins.
    private enum Form: UInt8 {
        case whole = 1
        /// Packed by ``LZ4Block`` first.
        case packed = 2
    }

    /// Form and data key.
    static let headerLength = 5
    /// Shorter texts are not packed: little would be gained.
    private static let leastPacked = 256

    func seal(_ text: [UInt8], at place: SealedPlace) -> [UInt8] {
        var form = Form.whole
        var content = text
        if text.count >= Self.leastPacked {
            let packed = LZ4Block.pack(text)
            if packed.count < text.count {
                form = .packed
                content = packed
            }
        }
        let number = UInt32(bitPattern: id)
        let header = [form.rawValue] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
        return AES256GCM.seal(content, key: key(at: place), bound: header + place.bound, prefix: header)
    }

    /// Nil when it was altered, or sealed for another place.
    func open(_ sealed: [UInt8], at place: SealedPlace) -> [UInt8]? {
        guard let form = sealed.first.flatMap(Form.init(rawValue:)), sealed.count >= Self.headerLength,
            let content = AES256GCM.open(
                sealed,
                after: Self.headerLength,
                key: key(at: place),
                bound: Array(sealed.prefix(Self.headerLength)) + place.bound
            )
        else { return nil }
        switch form {
        case .whole: return content
        case .packed: return LZ4Block.unpack(content)
        }
    }

    /// The data key's number; nil for what is too short, or of a form that is not known.
    static func number(of sealed: [UInt8]) -> Int32? {
        guard sealed.count >= headerLength, sealed.first.flatMap(Form.init(rawValue:)) != nil else { return nil }
        return Int32(bitPattern: sealed[1..<headerLength].reduce(0) { $0 << 8 | UInt32($1) })
    }

    private func key(at place: SealedPlace) -> [UInt8] { HKDF.expand(bytes, info: place.keyInfo) }
}
