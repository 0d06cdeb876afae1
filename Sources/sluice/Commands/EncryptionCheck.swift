import AWS
import Logging
import Outbound
import Postgres
import Sealing

/// The doctor's look at the keys that bodies and secrets are sealed under.
struct EncryptionCheck {
    let encryption: NodeConfiguration.Encryption?
    let pool: PostgresPool
    let http: HTTPClient
    let logger: Logger

    func run(into findings: inout Findings) async {
        do {
            let parts = try PrivacyParts(encryption, pool: pool, settings: .process(), http: http, logger: logger)
            let uses = try await KeyRotation(vault: parts.vault).uses()
            for use in uses where !use.isConfigured {
                findings.problem(
                    "encryption",
                    "the key '\(use.master)' is missing here, under which \(use.dataKeys) data keys are wrapped: configure it"
                )
            }
            guard let current = uses.first(where: \.isCurrent) else {
                if uses.isEmpty { findings.sound("encryption", "off: no key is configured (docs/privacy.md)") }
                return
            }
            let older = uses.count { !$0.isCurrent && $0.dataKeys > 0 }
            findings.sound(
                "encryption",
                "under '\(current.master)'"
                    + (older > 0 ? "; \(older) older keys are still needed: `sluice encryption rewrap`" : "")
            )
        } catch {
            findings.problem("encryption", "\(error)")
        }
    }
}
