/// How a template is named where mail is sent: `name` for its newest version, `name@3` for one of them.
public struct TemplateReference: Hashable, Sendable {
    public let name: String
    public let version: Int?

    /// Nil for what names no template.
    public init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first.map(String.init), Self.isName(first) else { return nil }
        name = first
        guard parts.count == 2 else {
            version = nil
            return
        }
        guard let number = Int32(parts[1]), number > 0, "\(number)" == parts[1] else { return nil }
        version = Int(number)
    }

    /// 1 to 64 letters, digits, `-` and `_`.
    public static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
