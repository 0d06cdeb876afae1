public import Foundation

/// How long ago something was, for people: `0s`, `59s`, `4m10s`, `3h05m`, `12d`.
public enum AgeText {
    public static func since(_ date: Date?, now: Date = Date()) -> String {
        guard let date else { return "" }
        return text(seconds: now.timeIntervalSince(date))
    }

    public static func text(seconds: Double) -> String {
        let seconds = Int(max(0, min(seconds, 1e9)))
        return switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m\(twoDigits(seconds % 60))s"
        case ..<86_400: "\(seconds / 3600)h\(twoDigits(seconds / 60 % 60))m"
        default: "\(seconds / 86_400)d"
        }
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// Rates with a decimal only where they need one.
public enum RateText {
    public static func text(_ rate: Double) -> String {
        let tenths = (rate * 10).rounded()
        return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
    }
}

/// Numbers as people read them: `12,345`; those too long for their column as `1.2M`.
enum CountText {
    static func text(_ number: Int, width: Int = .max) -> String {
        let whole = grouped(number)
        guard whole.count > width else { return whole }
        let units: [(Double, String)] = [(1e9, "G"), (1e6, "M"), (1e3, "k")]
        let unit = units.first { Double(number.magnitude) >= $0.0 } ?? (1, "")
        return RateText.text(Double(number) / unit.0) + unit.1
    }

    private static func grouped(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(Substring(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits] + groups.map(String.init)).joined(separator: ",")
    }
}
