import Directory

/// The doctor's look at the links by which people end subscriptions.
struct UnsubscribeChecks {
    let publicURL: String?
    let tenants: [Tenant]

    func run(into findings: inout Findings) {
        guard tenants.contains(where: \.oneClickUnsubscribe) else { return }
        guard let publicURL else {
            findings.warning(
                "unsubscribe",
                "`public_url` is not set, so bulk mail has no one-click link to unsubscribe, which Gmail and Yahoo ask of it: set "
                    + "it to the https:// URL by which the public listener is reached"
            )
            return
        }
        guard publicURL.hasPrefix("https://") else {
            findings.warning(
                "unsubscribe",
                "`public_url` is \(publicURL): mail programs follow one-click links of https only (RFC 8058)"
            )
            return
        }
        findings.sound("unsubscribe", "bulk mail has links below \(publicURL)/u/")
    }
}
