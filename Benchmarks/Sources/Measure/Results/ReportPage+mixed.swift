/// The table of B4.
extension ReportPage {
    public static func mixed(_ cells: [MixedResult]) -> String {
        var table = Table([
            "rate", "messages", "refused", "not sent", "to the 202", "202 to SES", "queue to applied",
            "event to webhook",
            "cores: node", "PostgreSQL", "simulator", "clients",
        ])
        for cell in cells {
            table.add([
                "\(cell.rate)/s", "\(cell.accepted)", "\(cell.refused)", "\(cell.accepted - cell.sent)",
                delay(cell.intendedToAccepted), delay(cell.acceptedToSent), delay(cell.queueToApplied),
                delay(cell.eventToWebhook), Figures.decimals(cell.node, 2), Figures.decimals(cell.database, 2),
                Figures.decimals(cell.simulator, 2), Figures.decimals(cell.clients, 2),
            ])
        }
        return table.text + "\n\nTimes are p50 / p99."
    }

    static func delay(_ spread: Spread?) -> String {
        spread.map { "\(Figures.milliseconds($0.p50)) / \(Figures.milliseconds($0.p99))" } ?? "-"
    }
}
