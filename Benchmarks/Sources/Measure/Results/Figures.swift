/// Numbers as people read them.
public enum Figures {
    public static func percent(_ part: Double) -> String { decimals(part * 100, 1) + " %" }

    public static func milliseconds(_ seconds: Double) -> String { "\(Int((seconds * 1000).rounded())) ms" }

    /// Whole, with a comma between each three digits.
    public static func thousands(_ value: Double) -> String {
        var digits = decimals(value, 0)
        let sign = digits.hasPrefix("-") ? String(digits.removeFirst()) : ""
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits.removeLast(3)
        }
        return sign + ([digits[...]] + groups).joined(separator: ",")
    }

    /// Of what takes a few of them.
    public static func fineMilliseconds(_ seconds: Double) -> String {
        decimals(seconds * 1000, seconds < 0.1 ? 1 : 0) + " ms"
    }

    public static func microseconds(_ seconds: Double) -> String { decimals(seconds * 1e6, 0) + " us" }

    public static func seconds(_ seconds: Double) -> String { decimals(seconds, 2) + " s" }

    public static func decimals(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return "-" }
        let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
        let whole = Int((abs(value) * scale).rounded())
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard places > 0 else { return sign + String(whole) }
        let rest = String(whole % Int(scale))
        return "\(sign)\(whole / Int(scale)).\(String(repeating: "0", count: places - rest.count))\(rest)"
    }
}
