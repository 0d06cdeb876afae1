/// A share as a bar whose whole length is the account's quota: what it sends, what it holds besides, and what it may yet have.
struct ShareBar {
    let used: Double
    let granted: Double
    let rate: Double
    let ceiling: Double
    let quota: Double

    func line(width: Int, glyphs: Palette.Glyphs) -> StyledLine {
        var line = StyledLine()
        guard quota > 0, width > 0 else { return line }
        func cells(_ amount: Double) -> Int { max(0, min(width, Int((amount / quota * Double(width)).rounded()))) }
        let sends = used > 0 ? max(1, cells(used)) : 0
        let own = min(sends, cells(rate))
        line.add(String(repeating: glyphs.used, count: own), .good)
        // What is above the guarantee is borrowed.
        line.add(String(repeating: glyphs.used, count: sends - own), .warning)
        let holds = max(sends, cells(granted))
        line.add(String(repeating: glyphs.held, count: holds - sends), .faint)
        line.add(String(repeating: glyphs.free, count: max(0, cells(ceiling) - holds)), .faint)
        return line
    }
}
