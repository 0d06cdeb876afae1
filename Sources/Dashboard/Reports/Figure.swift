/// Shares as people read them in reports, where small ones decide.
public enum Figure {
    /// `98.2 %`. Small ones have more places, and what is something never reads as nothing, nor what is not all as all.
    public static func percent(_ value: Double) -> String {
        if value > 0, value < 0.01 { return "under 0.01 %" }
        if value < 100, value > 99.9 { return "over 99.9 %" }
        let places = value == 0 || value >= 99.95 ? 0 : value < 1 ? 2 : 1
        return "\(fixed(value, places)) %"
    }

    /// With so many places behind the point.
    static func fixed(_ value: Double, _ places: Int) -> String {
        let scale = [1, 10, 100, 1000][min(max(places, 0), 3)]
        let whole = Int((value.magnitude * Double(scale)).rounded())
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard scale > 1 else { return "\(sign)\(whole)" }
        let rest = String(whole % scale)
        return "\(sign)\(whole / scale).\(String(repeating: "0", count: places - rest.count))\(rest)"
    }
}
