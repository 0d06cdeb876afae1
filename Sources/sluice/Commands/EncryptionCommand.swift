import AWS
import ArgumentParser
import Directory
import Logging
import Outbound
import Postgres
import Sealing
import Webhooks

struct EncryptionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encryption",
        abstract: "Show which keys seal bodies and webhook secrets, and bring everything under the current one.",
        subcommands: [Status.self, Rewrap.self],
        defaultSubcommand: Status.self
    )

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the master keys that are used or configured, and what each is needed for."
        )

        @OptionGroup var options: DatabaseOptions

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        private struct Line: Encodable {
            let master_key: String
            let data_keys: Int
            let current: Bool
            let configured: Bool
        }

        func run() async throws {
            let lines = try await EncryptionCommand.withParts(options) { _, parts in
                try await KeyRotation(vault: parts.vault).uses().map {
                    Line(
                        master_key: $0.master,
                        data_keys: $0.dataKeys,
                        current: $0.isCurrent,
                        configured: $0.isConfigured
                    )
                }
            }
            if json { return try Output.json(lines) }
            if lines.isEmpty { return Output.line("nothing is sealed, and no key is configured under `encryption`") }
            Output.table(
                ["MASTER KEY", "DATA KEYS", "STATE"],
                lines.map { [$0.master_key, "\($0.data_keys)", Self.state($0)] }
            )
        }

        private static func state(_ line: Line) -> String {
            if !line.configured { return "missing here: what it seals cannot be opened" }
            if line.current { return "seals what is new" }
            return line.data_keys == 0 ? "needed no longer" : "opens what is older"
        }
    }

    struct Rewrap: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Wrap every data key under the current master key, and seal webhook secrets under the current data key.",
            discussion: "Can be stopped with Ctrl-C at any time and begun again. Bodies stay as they are."
        )

        @OptionGroup var options: DatabaseOptions

        func run() async throws {
            try await EncryptionCommand.withParts(options) { pool, parts in
                let keys = try await KeyRotation(vault: parts.vault).rewrap { done, all in
                    Output.line("data key \(done) of \(all)")
                }
                let secrets = try await SecretSealing(pool: pool, vault: parts.vault).run()
                try await parts.pseudonyms.reseal()
                let done = "\(keys) data keys, \(secrets) webhook endpoints' secrets"
                try await AuditNotes(pool: pool)
                    .note(action: "rewrap", object: "encryption", detail: done, actor: Actor.name)
                Output.line("\(keys) data keys wrapped anew, \(secrets) webhook endpoints' secrets sealed anew")
            }
        }
    }

    /// Runs `body` with the configured keys.
    static func withParts<Value>(
        _ options: DatabaseOptions,
        _ body: (PostgresPool, PrivacyParts) async throws -> Value
    ) async throws -> Value {
        let node = try ConfigurationLoader().node(NodeOptions(database: options))
        var logger = Logger(label: "sluice")
        logger.logLevel = .error
        let http = try HTTPClient(logger: logger)
        do {
            let value = try await DatabaseAccess.withPool(options) { [logger] pool in
                let parts = try PrivacyParts(
                    node.encryption,
                    pool: pool,
                    settings: .process(),
                    http: http,
                    logger: logger
                )
                return try await body(pool, parts)
            }
            await http.shutdown()
            return value
        } catch {
            await http.shutdown()
            throw error
        }
    }
}
