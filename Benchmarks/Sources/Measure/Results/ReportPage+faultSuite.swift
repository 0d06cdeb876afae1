extension ReportPage {
    /// A line for each kind of fault, from all runs that it struck in, and one for everything.
    public static func faultSuite(_ results: [FaultResult]) -> String {
        var table = Table([
            "what breaks", "runs", "messages", "lost", "phantom", "twice / unknown (unexplained)", "windows over",
            "wrong",
            "sends again: p50 / most",
        ])
        func line(_ name: String, _ total: FaultTotal) {
            table.add([
                name, "\(total.runs)", "\(total.accepted)", "\(total.lost)", "\(total.phantoms)",
                "\(total.duplicates) / \(total.unknowns) (\(total.unexplained))", "\(total.over)", "\(total.wrong)",
                total.recovery.map { "\(Figures.seconds($0.p50)) / \(Figures.seconds($0.most))" } ?? "",
            ])
        }
        for kind in FaultKind.allCases {
            let struck = results.filter { $0.strikes.contains { $0.kind == kind && !$0.isSkipped } }
            if !struck.isEmpty { line(kind.words, FaultTotal(struck, kind: kind)) }
        }
        line("all runs", FaultTotal(results))
        return table.text
    }
}
