import Foundation

/// How long ago something was, for people: `0s`, `59s`, `4m10s`, `3h05m`, `12d`.
enum AgeText {
    static func since(_ date: Date?, now: Date = Date()) -> String {
        guard let date else { return "" }
        let seconds = Int(max(0, min(now.timeIntervalSince(date), 1e9)))
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
enum RateText {
    static func text(_ rate: Double) -> String {
        let tenths = (rate * 10).rounded()
        return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
    }
}
