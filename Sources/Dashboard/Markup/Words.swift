public import Foundation

/// Numbers, times and links as the pages write them. Times are UTC, and the server's: no page asks a browser for the time.
public enum Words {
    /// `12,345`.
    public static func number(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits = String(digits.dropLast(3))
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    public static func number(_ value: Int64) -> String { number(Int(value)) }

    /// With one place behind the point where the number is small and has one.
    public static func decimal(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e15 else { return "?" }
        if value.magnitude >= 100 || value == value.rounded() { return number(Int(value.rounded())) }
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0
            ? number(tenths / 10) : "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }

    /// Percent, to two places behind the point.
    public static func percent(_ value: Double) -> String {
        let hundredths = Int((min(max(value, 0), 1000) * 100).rounded())
        let rest = hundredths % 100
        return rest == 0 ? "\(hundredths / 100) %" : "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
    }

    /// Such as `8 s`, `3 min`, `2 h 5 min`, `4 d`.
    public static func duration(_ seconds: Double) -> String {
        let seconds = Int(min(max(seconds, 0), 1e12).rounded())
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<86_400:
            return seconds / 60 % 60 == 0 ? "\(seconds / 3600) h" : "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: return "\(number(seconds / 86_400)) d"
        }
    }

    /// How long ago something was, with the time itself for those who point at it.
    public static func age(_ date: Date?, now: Date) -> HTML {
        guard let date else { return "<span class=\"soft\">never</span>" }
        return
            "<time datetime=\"\(stamp(date))\" title=\"\(stamp(date))\">\(duration(now.timeIntervalSince(date))) ago</time>"
    }

    /// `2026-11-22 02:44:45`.
    public static func time(_ date: Date) -> HTML {
        "<time datetime=\"\(stamp(date))\">\(String(stamp(date).prefix(19)).replacing("T", with: " "))</time>"
    }

    /// `02:44:45`, of seconds since 1970.
    public static func clock(_ second: Int64) -> String {
        [second % 86_400 / 3600, second % 3600 / 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(
            separator: ":"
        )
    }

    /// RFC 3339, in whole seconds.
    public static func stamp(_ date: Date) -> String { date.formatted(.iso8601) }

    /// `1 mail`, `2 mails`.
    public static func count(_ value: Int, _ one: String, _ many: String) -> String {
        "\(number(value)) \(value == 1 ? one : many)"
    }

    /// A part of a path or of a query: whatever is not plain is percent-encoded.
    public static func segment(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }

    /// A path that holds slashes of its own.
    public static func path(_ text: String) -> String {
        text.split(separator: "/", omittingEmptySubsequences: false).map { segment(String($0)) }.joined(separator: "/")
    }
}
