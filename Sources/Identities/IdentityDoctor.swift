public import Directory
import Mail
public import Postgres

/// What `sluice doctor` says of senders: by what was found out last, without asking anybody.
public struct IdentityDoctor: Sendable {
    public struct Finding: Hashable, Sendable {
        public enum Level: Sendable {
            case sound, warning, problem
        }

        public let level: Level
        public let check: String
        public let detail: String
    }

    private let store: IdentityStore

    public init(pool: PostgresPool) {
        store = IdentityStore(pool: pool)
    }

    /// A line for each sender of an account that needs somebody, and one that counts the others.
    public func findings(_ account: Account, directory: DirectorySnapshot) async throws -> [Finding] {
        let rows = try await store.identities(accountID: account.id)
        let wanted = IdentityVerifier.wanted(by: directory).filter { $0.accountID == account.id }
        let names = Set(wanted.map(\.name)).union(rows.filter(\.isRegistered).map(\.name)).sorted()
        var sound = 0
        var findings: [Finding] = []
        for name in names {
            guard let sender = try? SenderName(parsing: name) else { continue }
            let arn = directory.tenants.values.sorted { $0.name < $1.name }.lazy
                .filter { $0.fromDomains.contains(name) }
                .compactMap { $0.identityARN(for: sender, account: account.name) }.first
            let report = SenderView.AtAccount(
                sender,
                account: account,
                row: rows.first { $0.name == name },
                identityARN: arn
            ).report
            guard let level = Self.level(report.standing) else {
                sound += 1
                continue
            }
            let detail = report.missing.isEmpty ? report.standing.rawValue : report.missing.joined(separator: " ")
            findings.append(Finding(level: level, check: "\(account.name) sender \(name)", detail: detail))
        }
        if sound > 0 {
            let detail = "\(sound) verified, their records published"
            findings.append(Finding(level: .sound, check: "\(account.name) senders", detail: detail))
        }
        return findings
    }

    /// Nil for what needs nobody. Mail that SES refuses is a problem; what it takes is at most a warning.
    private static func level(_ standing: IdentityReport.Standing) -> Finding.Level? {
        switch standing {
        case .verified: nil
        case .incomplete, .foreign, .unknown: .warning
        case .pending, .unregistered: .problem
        }
    }
}
