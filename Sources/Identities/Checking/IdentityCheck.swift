import Mail
import Outbound
import SES

/// Looks at one sender at one account: asks SES what is to be asked, a call at a time, and then DNS.
struct IdentityCheck: Sendable {
    let ses: any IdentityAsking
    let dns: any DNSAsking
    /// Between two calls.
    let pace: Duration

    /// - Throws: `SendFailure` when SES gave no answer.
    func run(_ row: IdentityRow, region: String) async throws(SendFailure) -> IdentityStore.Found {
        var isCreated = false
        if row.createWanted {
            try await ses.createIdentity(row.name)
            try? await Task.sleep(for: pace)
            if let mailFrom = row.mailFrom {
                try await ses.setMailFrom(mailFrom, of: row.name)
                try? await Task.sleep(for: pace)
            }
            isCreated = true
        }
        guard let sender = try? SenderName(parsing: row.name) else {
            throw SendFailure(.rejected, message: "\(row.name) is neither a domain nor an address")
        }
        let status = try await status(of: sender)
        let questions = RecordPlan(sender: sender, status: status, region: region).questions
        let answers = await dns.answers(to: questions)
        let findings = zip(questions, answers).map { DNSFinding($0, $1) }
        let isNews = isCreated || row.ses != status || (row.dns ?? []) != findings
        return IdentityStore.Found(ses: status, dns: findings, isCreated: isCreated, isNews: isNews)
    }

    /// Of the sender's own identity, or of the nearest domain above that has one: that covers it.
    private func status(of sender: SenderName) async throws(SendFailure) -> IdentityStatus? {
        var names = [sender.text]
        if sender.isAddress { names.append(sender.domain.ascii) }
        names += sender.domain.parents.prefix(2).map(\.ascii)
        var own: IdentityStatus?
        for (index, name) in names.enumerated() {
            if index > 0 { try? await Task.sleep(for: pace) }
            guard let status = try await ses.identity(name) else { continue }
            if status.isVerified { return status }
            // One that waits for its records is what is to be seen, unless a domain above does already.
            if own == nil { own = status }
        }
        return own
    }
}
