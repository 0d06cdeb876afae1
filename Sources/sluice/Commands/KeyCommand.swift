import ArgumentParser
import Directory
import Foundation

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make, show and revoke API keys.",
        subcommands: [Create.self, List.self, Revoke.self, Rotate.self]
    )

    /// A key that was just made, with what it may do; `key` is shown this once.
    struct Issued: Encodable {
        let id: String
        let key: String
        let old_key_until: Date?

        init(_ issued: KeyStore.Issued) {
            id = issued.id.uuidString.lowercased()
            key = issued.key
            old_key_until = issued.info.oldKeyUntil
        }
    }

    /// The id of a key as commands take it.
    static func id(_ text: String) throws -> UUID {
        guard let id = UUID(uuidString: text) else {
            throw CommandFailure("'\(text)' is no id of a key; see `sluice key list --tenant NAME`")
        }
        return id
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it, once: it is stored hashed."
        )

        @OptionGroup var options: DatabaseOptions

        @Option(name: .long, help: "The tenant that the key is for.")
        var tenant: String?

        @Option(name: .long, help: "Make an admin key, with this label.")
        var admin: String?

        @Flag(
            name: .long,
            help: "A test key: its mail is answered by the rules of the mailbox simulator and never sent."
        )
        var test = false

        @OptionGroup var grant: KeyOptions

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws {
            guard (tenant == nil) != (admin == nil) else {
                throw ValidationError("Name either --tenant NAME or --admin LABEL.")
            }
            guard admin == nil || !test && grant.isEmpty else {
                throw ValidationError("An admin key may do everything; --test and limits are for tenants' keys.")
            }
        }

        func run() async throws {
            var wanted = try grant.change()
            wanted.isTest = test
            let checked = try wanted.checked(now: Date())
            let created = try await DatabaseAccess.withPool(options) { pool in
                let keys = KeyStore(pool: pool)
                if let tenant { return try await keys.create(tenant: tenant, checked, actor: Actor.name) }
                return try await keys.createAdmin(label: admin ?? "", actor: Actor.name)
            }
            if json { return try Output.json(Issued(created)) }
            Output.line(created.key)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a key: it works nowhere any more within two seconds."
        )

        @OptionGroup var options: DatabaseOptions

        @Argument(help: "The key's id.")
        var id: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        private struct Answer: Encodable {
            let id: String
            let revoked: Bool
        }

        func run() async throws {
            let id = try KeyCommand.id(id)
            try await DatabaseAccess.withPool(options) { pool in
                try await KeyStore(pool: pool).revoke(id, of: .anybody, actor: Actor.name)
            }
            if json { return try Output.json(Answer(id: id.uuidString.lowercased(), revoked: true)) }
            Output.line("revoked")
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a key a new secret and print it, once; the old one works on for a while."
        )

        @OptionGroup var options: DatabaseOptions

        @Argument(help: "The key's id.")
        var id: String

        @Option(name: .long, help: "How long the old secret works on, such as 1h; 0s: not at all (default: 24h).")
        var overlap = "24h"

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws {
            guard let overlap = DurationText(overlap), overlap.duration <= .seconds(604_800) else {
                throw ValidationError("--overlap is a duration up to 7d, such as 0s, 30m or 24h.")
            }
        }

        func run() async throws {
            let id = try KeyCommand.id(id)
            let overlap = DurationText(overlap)?.duration ?? .zero
            let issued = try await DatabaseAccess.withPool(options) { pool in
                try await KeyStore(pool: pool).rotate(id, overlap: overlap, of: .anybody, actor: Actor.name)
            }
            if json { return try Output.json(Issued(issued)) }
            Output.line(issued.key)
        }
    }
}
