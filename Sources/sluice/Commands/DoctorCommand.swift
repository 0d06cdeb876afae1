import AWS
import ArgumentParser
import Directory
import Dispatching
import Feedback
import Foundation
import Identities
import Logging
import Outbound
import Outbox
import Postgres
import SES

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Check database, schema, clock, credentials, quota, feedback and senders: what is wrong and what to do."
    )

    @OptionGroup var options: DatabaseOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        let node = try ConfigurationLoader().node(NodeOptions(database: options))
        var findings = Findings()
        var logger = Logger(label: "sluice.doctor")
        logger.logLevel = .critical
        let database = try DatabaseAccess.configuration(node)
        do {
            try await PostgresPool.withPool(
                database,
                configuration: PostgresPoolConfiguration(maxConnections: 1),
                logger: logger
            ) { pool in
                try await DatabaseChecks(pool: pool).run(into: &findings)
                try await DatabasePosture(pool)?.report(database, into: &findings)
                guard findings.isSound else { return }
                findings.add(try await StorageCheck(pool: pool).findings())
                let directory = try await DirectoryLoader.load(pool)
                UnsubscribeChecks(publicURL: node.publicURL, tenants: Array(directory.tenants.values)).run(
                    into: &findings
                )
                let accounts = directory.accounts.values.sorted { $0.name < $1.name }
                if accounts.isEmpty { findings.problem("accounts", "none are configured: run `sluice apply FILE`") }
                let http = try HTTPClient(logger: logger)
                await EncryptionCheck(encryption: node.encryption, pool: pool, http: http, logger: logger).run(
                    into: &findings
                )
                for account in accounts {
                    await AccountChecks(
                        account: account,
                        ownSets: directory.configurationSets(ofTenantsAt: account),
                        http: http,
                        logger: logger
                    ).run(into: &findings)
                    findings.add(try await FeedbackRecord(pool: pool).findings(account))
                    findings.add(try await IdentityDoctor(pool: pool).findings(account, directory: directory))
                }
                await http.shutdown()
            }
        } catch {
            findings.problem("database", "\(database.redactedDescription) cannot be used: \(error)")
        }
        if json { try Output.json(findings.all) } else { findings.all.forEach { Output.line($0.line) } }
        if !findings.isSound { throw ExitCode.failure }
    }
}

/// What a look at a set-up has found.
struct Findings {
    struct Finding: Encodable {
        let check: String
        let ok: Bool
        /// It is no fault, but may not be meant.
        var warning: Bool?
        let detail: String

        var line: String { "\(ok ? warning == true ? "warning" : "ok     " : "PROBLEM")  \(check): \(detail)" }
    }

    private(set) var all: [Finding] = []

    var isSound: Bool { all.allSatisfy(\.ok) }

    mutating func sound(_ check: String, _ detail: String) {
        all.append(Finding(check: check, ok: true, detail: detail))
    }

    mutating func warning(_ check: String, _ detail: String) {
        all.append(Finding(check: check, ok: true, warning: true, detail: detail))
    }

    mutating func add(_ findings: [FeedbackFinding]) {
        for finding in findings {
            switch finding.level {
            case .sound: sound(finding.check, finding.detail)
            case .warning: warning(finding.check, finding.detail)
            case .problem: problem(finding.check, finding.detail)
            }
        }
    }

    mutating func add(_ findings: [IdentityDoctor.Finding]) {
        for finding in findings {
            switch finding.level {
            case .sound: sound(finding.check, finding.detail)
            case .warning: warning(finding.check, finding.detail)
            case .problem: problem(finding.check, finding.detail)
            }
        }
    }

    /// What is wrong with the storage; one line says when nothing is.
    mutating func add(_ storage: [StorageFinding]) {
        if storage.isEmpty { sound("storage", "nothing holds it up, nothing is stuck") }
        for finding in storage {
            switch finding.level {
            case .warning: warning("storage \(finding.check.rawValue)", finding.detail)
            case .problem: problem("storage \(finding.check.rawValue)", finding.detail)
            }
        }
    }

    mutating func problem(_ check: String, _ detail: String) {
        all.append(Finding(check: check, ok: false, detail: detail))
    }
}

/// The doctor's look at the database.
private struct DatabaseChecks {
    let pool: PostgresPool

    func run(into findings: inout Findings) async throws {
        let asked = Date()
        let rows = try await pool.query("SELECT version(), clock_timestamp()")
        guard let (version, clock) = try rows.decode(String.self, Date.self).first else { return }
        findings.sound("database", String(version.prefix { $0 != "(" }).trimmingCharacters(in: .whitespaces))
        let skew = abs(clock.timeIntervalSince(asked))
        if skew < 5 {
            findings.sound("clock", "within \(Int(skew * 1000)) ms of the database's")
        } else {
            findings.problem(
                "clock",
                "\(Int(skew)) s off the database's: run NTP on both, or SES will refuse signatures"
            )
        }
        do {
            let schema = try await DatabaseAccess.requireSchema(pool)
            findings.sound(
                "schema",
                schema.isAhead ? "newer than this program, which can work with it" : "up to date"
            )
        } catch {
            findings.problem("schema", (error as? PostgresError)?.message ?? "\(error)")
        }
    }
}

/// The doctor's look at one SES account.
private struct AccountChecks {
    let account: Account
    let ownSets: [String]
    let http: HTTPClient
    let logger: Logger

    func run(into findings: inout Findings) async {
        do throws(AWSError) {
            let client = try AccountClient(account, settings: .process(), http: http, logger: logger)
            let credentials = try await client.credentials.credentials()
            findings.sound("\(account.name) credentials", "from \(credentials.source)")
            await quota(client.ses, into: &findings)
            let doctor = FeedbackDoctor(
                account: account,
                ownSets: ownSets,
                ses: client.ses,
                credentials: client.credentials,
                http: http,
                logger: logger
            )
            findings.add(await doctor.findings())
        } catch {
            findings.problem("\(account.name) credentials", error.message)
        }
    }

    private func quota(_ ses: SESClient, into findings: inout Findings) async {
        let status: AccountStatus
        do throws(SendFailure) {
            status = try await ses.account()
        } catch {
            findings.problem("\(account.name) SES", "GetAccount failed (\(error.kind)): \(error.message)")
            return
        }
        findings.sound(
            "\(account.name) SES",
            "\(status.maxSendRate)/s, \(Int(status.sentLast24Hours)) of \(Int(status.max24HourSend)) sent in 24 hours"
        )
        if !status.sendingEnabled {
            findings.problem("\(account.name) sending", "SES has sending disabled for the account: see the AWS console")
        }
        if !status.productionAccess {
            findings.problem("\(account.name) sandbox", "the account is in the sandbox: ask AWS for production access")
        }
        if case .fixed(let rate, _, _) = account.quota, rate > status.maxSendRate {
            findings.problem(
                "\(account.name) quota",
                "configured with \(rate)/s, but SES allows \(status.maxSendRate)/s: lower `quota.rate`, or use `auto`"
            )
        }
    }
}
