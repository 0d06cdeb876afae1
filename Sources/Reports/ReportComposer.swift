import Dashboard
import Directory
import Mail
import Outbox

/// Makes a weekly report a message of its tenant's: the tenant's sender, lane and limits, like any other.
struct ReportComposer: Sendable {
    /// Why a report cannot go out as it is set. Nothing in it is an address.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// Without a slash at its end; nil: the mail leads nowhere.
    let publicURL: String?

    func message(_ report: WeeklyReport, _ settings: ReportSettings, tenant: Tenant, id: MessageID) throws -> NewMessage
    {
        let mail = ReportMail(
            report,
            tenant: tenant.displayName ?? tenant.name,
            link: publicURL.map { "\($0)/dashboard/reports/\(report.week)" }
        )
        let draft = Draft(
            from: settings.from,
            to: .many(settings.to),
            subject: mail.subject,
            text: mail.text,
            html: mail.html,
            headers: [HeaderField(name: "Auto-Submitted", value: "auto-generated")]
        )
        let composed: ComposedMessage
        do throws(DraftError) {
            composed = try MessageBuilder().build(draft, seed: id.low)
        } catch {
            throw Refusal(description: "the report is no valid mail: \(error.failures.map(\.pointer))")
        }
        if let refusal = composed.senders.compactMap({ tenant.refusal(of: $0) }).first {
            throw Refusal(description: refusal)
        }
        guard let route = tenant.route(region: settings.region),
            let lane = route.lanes[MessageStream.transactional.rawValue]
        else { throw Refusal(description: "the tenant has no region '\(settings.region ?? tenant.defaultRegion)'") }
        if route.isPaused { throw Refusal(description: "the tenant's mail through \(route.account) is paused") }
        return NewMessage(
            id: id,
            tenantID: tenant.id,
            laneID: lane,
            region: settings.region ?? tenant.defaultRegion,
            stream: .transactional,
            priority: .normal,
            split: true,
            recipients: composed.recipients.map { NewMessage.Recipient(email: $0.address.addrSpec, kind: $0.kind) },
            sender: composed.from.headerForm,
            subject: composed.subject,
            tags: #"{"report":"weekly","week":"\#(report.week)"}"#,
            metadata: nil,
            content: try StoredContent(composed.content)
        )
    }
}
