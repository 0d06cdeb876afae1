/// Names in Prometheus's alphabet, with the endings its conventions ask for (https://prometheus.io/docs/practices/naming).
enum MetricName {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; every other byte becomes `_`.
    static func plain(_ label: String) -> String { sanitized(label, allowsColon: true) }

    static func counter(_ label: String) -> String { ending(plain(label), "_total") }

    static func timer(_ label: String) -> String { ending(plain(label), "_seconds") }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`; two leading underscores are Prometheus's own.
    static func label(_ name: String) -> String {
        let name = sanitized(name, allowsColon: false)
        return name.hasPrefix("__") ? "_" + name.drop { $0 == "_" } : name
    }

    private static func ending(_ name: String, _ suffix: String) -> String {
        name.hasSuffix(suffix) ? name : name + suffix
    }

    private static func sanitized(_ text: String, allowsColon: Bool) -> String {
        var bytes = text.utf8.map { isAllowed($0, allowsColon: allowsColon) ? $0 : UInt8(ascii: "_") }
        if bytes.first.map({ $0 >= 0x30 && $0 <= 0x39 }) ?? true { bytes.insert(UInt8(ascii: "_"), at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isAllowed(_ byte: UInt8, allowsColon: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        case UInt8(ascii: ":"): allowsColon
        default: false
        }
    }
}
