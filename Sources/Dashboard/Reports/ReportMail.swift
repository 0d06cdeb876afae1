import Mail
public import Outbox

/// A weekly report as mail. Its HTML is made of tables and attributes, which every mail reader shows: no script, no style sheet, no
/// image, nothing from elsewhere.
public struct ReportMail: Sendable {
    public let subject: String
    public let text: String
    public let html: String

    /// - Parameter link: where the report is as a page.
    public init(_ report: WeeklyReport, tenant: String, link: String? = nil) {
        let words = ReportWords(report)
        subject = "Your mail, \(words.period): \(Self.short(report))"
        text = ReportText.text(report, tenant: tenant, link: link)
        html = Self.page(words, tenant: tenant, link: link).text
    }

    private static func short(_ report: WeeklyReport) -> String {
        let counts = report.counts
        var parts = ["\(Words.number(counts.sent)) sent"]
        if let rate = counts.deliveryRate, counts.delivered <= counts.sent {
            parts.append("\(Figure.percent(rate)) arrived")
        }
        if counts.complained > 0 { parts.append(Words.count(counts.complained, "complaint", "complaints")) }
        return parts.joined(separator: ", ")
    }

    private static let font: HTML = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
    private static let quiet: HTML = "color:#57606a"

    private static func page(_ words: ReportWords, tenant: String, link: String?) -> HTML {
        let report = words.report
        let paragraphs = words.sentences.dropFirst().map { sentence -> HTML in
            "<p style=\"margin:0 0 8px;font-size:15px;line-height:22px\">\(sentence)</p>"
        }
        let foot: HTML =
            link.map {
                "<p style=\"margin:24px 0 0\"><a href=\"\($0)\" style=\"color:#0a58ca\">Open this report as a page</a></p>"
            }
            ?? ""
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light">
            <title>Mail of \(tenant), \(words.period)</title>
            </head>
            <body style="margin:0;padding:0;background:#f3f4f6" bgcolor="#f3f4f6">
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:16px 8px">
            <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff" style="max-width:600px;background:#ffffff;border-radius:8px;\(font);color:#1f2328">
            <tr><td style="padding:24px">
            <p style="margin:0 0 4px;font-size:13px;\(quiet)">\(tenant) &middot; \(words.period) &middot; \(report.week.description)</p>
            <h1 style="margin:0 0 12px;font-size:20px;line-height:28px">\(words.sentences[0])</h1>
            \(mark(words.verdict))\(paragraphs)
            \(figures(words))
            \(chart("Sent by day", words.dayBars))
            \(chart("Sent by week", words.weekBars))
            \(report.troubles.isEmpty ? "" : troubles(report))
            \(foot)
            <p style="margin:24px 0 0;font-size:12px;line-height:18px;\(quiet)">Counted in recipients, Monday to Sunday in UTC. You get this \
            because your address is set as a recipient of these reports; whoever runs the gateway can change that.</p>
            </td></tr></table>
            </td></tr></table>
            </body>
            </html>

            """
    }

    private static func mark(_ verdict: ReportWords.Verdict) -> HTML {
        let look: (words: HTML, ink: HTML, paper: HTML)
        switch verdict {
        case .quiet: return .empty
        case .good: look = ("All well", "#0f5132", "#d1e7dd")
        case .look: look = ("Look at this", "#664d03", "#fff3cd")
        case .act: look = ("Act now", "#842029", "#f8d7da")
        }
        return """
            <p style="margin:0 0 12px"><span style="display:inline-block;padding:2px 10px;border-radius:12px;font-size:13px;\
            font-weight:600;color:\(look.ink);background:\(look.paper)">\(look.words)</span></p>

            """
    }

    private static func figures(_ words: ReportWords) -> HTML {
        let rows = words.lines.map { line -> HTML in
            let rate: HTML = line.rate.map { " <span style=\"\(quiet)\">\(Figure.percent($0))</span>" } ?? ""
            return """
                <tr><th scope="row" align="left" style="padding:6px 0;font-weight:400;border-top:1px solid #d8dee4">\(line.name)</th>
                <td align="right" style="padding:6px 0;font-weight:600;border-top:1px solid #d8dee4">\(Words.number(line.count))\(rate)</td>
                <td align="right" style="padding:6px 0 6px 12px;\(quiet);border-top:1px solid #d8dee4">\(line.before.map { Words.number($0) } ?? "")</td>
                <td align="right" style="padding:6px 0 6px 12px;\(quiet);border-top:1px solid #d8dee4">\(line.usual.map { Words.number(Int($0.rounded())) } ?? "")</td></tr>

                """
        }
        return """
            <table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:16px 0 0;font-size:14px">
            <tr><td></td><th scope="col" align="right" style="font-weight:400;\(quiet)">this week</th>\
            <th scope="col" align="right" style="font-weight:400;\(quiet)">before</th>\
            <th scope="col" align="right" style="font-weight:400;\(quiet)">usually</th></tr>
            \(rows)
            </table>
            """
    }

    /// Bars of table cells: their widths and colours are attributes.
    private static func chart(_ title: String, _ bars: [ReportBar]) -> HTML {
        let most = max(1, bars.map(\.value).max() ?? 1)
        let rows = bars.map { bar -> HTML in
            let width = bar.value == 0 ? 0 : max(1, bar.value * 100 / most)
            let paper: HTML = bar.isNow ? "#0a58ca" : "#9ec5fe"
            let filled: HTML =
                width == 0
                ? ""
                : "<td width=\"\(width)%\" bgcolor=\"\(paper)\" style=\"background:\(paper);border-radius:2px;font-size:1px;line-height:14px\">&nbsp;</td>"
            let rest: HTML =
                width == 100 ? "" : "<td width=\"\(100 - width)%\" style=\"font-size:1px;line-height:14px\">&nbsp;</td>"
            return """
                <tr><th scope="row" align="left" width="64" style="padding:3px 8px 3px 0;font-weight:400;white-space:nowrap;\(quiet)">\(bar.name)</th>
                <td><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>\(filled)\(rest)</tr></table></td>
                <td align="right" width="72" style="padding:3px 0 3px 8px">\(Words.number(bar.value))</td></tr>

                """
        }
        return """
            <h2 style="margin:24px 0 8px;font-size:15px">\(title)</h2>
            <table width="100%" cellpadding="0" cellspacing="0" border="0" style="font-size:13px">
            \(rows)
            </table>
            """
    }

    private static func troubles(_ report: WeeklyReport) -> HTML {
        let parts = report.troubles.map { trouble -> HTML in
            let reasons = trouble.reasons.prefix(5).map { reason -> HTML in
                """
                <tr><td align="right" valign="top" width="64" style="padding:2px 8px 2px 0">\(Words.number(reason.count))</td>\
                <td style="padding:2px 0">\(TroubleWords.reason(reason.name, status: trouble.status))</td></tr>

                """
            }
            let domains = trouble.domains.prefix(5).map { "\($0.name) (\(Words.number($0.count)))" }.joined(
                separator: ", "
            )
            let places: HTML =
                domains.isEmpty ? "" : "<p style=\"margin:2px 0 0;font-size:13px;\(quiet)\">Most at \(domains)</p>"
            let advice: HTML =
                TroubleWords.advice(trouble.status).map {
                    "<p style=\"margin:2px 0 0;font-size:13px;\(quiet)\">\($0)</p>"
                } ?? ""
            return """
                <h3 style="margin:14px 0 4px;font-size:14px">\(trouble.shown) &middot; \(TroubleWords.title(trouble.status))</h3>
                <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="font-size:13px">
                \(reasons)
                </table>
                \(places)\(advice)

                """
        }
        return """
            <h2 style="margin:24px 0 0;font-size:15px">What did not arrive, of the mail accepted in this week</h2>
            \(parts)
            """
    }
}

/// One bar of a report's charts.
struct ReportBar: Sendable {
    let name: String
    let value: Int
    /// The week that the report is of.
    var isNow = true
}

extension ReportWords {
    var dayBars: [ReportBar] {
        report.days.enumerated().map { ReportBar(name: day($0), value: $1.sent) }
    }

    /// Oldest first, the report's week last.
    var weekBars: [ReportBar] {
        report.earlier.enumerated().reversed().map { index, counts in
            ReportBar(name: report.week.moved(-index - 1).description, value: counts.sent, isNow: false)
        } + [ReportBar(name: report.week.description, value: report.counts.sent)]
    }
}
