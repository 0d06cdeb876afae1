import ArgumentParser
import Directory
import Foundation

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make API keys.",
        subcommands: [Create.self]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it, once: it is stored hashed."
        )

        @OptionGroup var options: DatabaseOptions

        @Option(name: .long, help: "The tenant that the key is for.")
        var tenant: String?

        @Option(name: .long, help: "Make an admin key, with this label.")
        var admin: String?

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        private struct Answer: Encodable {
            let id: String
            let key: String
        }

        func validate() throws {
            guard (tenant == nil) != (admin == nil) else {
                throw ValidationError("Name either --tenant NAME or --admin LABEL.")
            }
        }

        func run() async throws {
            let created = try await DatabaseAccess.withPool(options) { pool in
                let keys = KeyStore(pool: pool)
                if let tenant { return try await keys.create(tenant: tenant, actor: Actor.name) }
                return try await keys.createAdmin(label: admin ?? "", actor: Actor.name)
            }
            if json { return try Output.json(Answer(id: created.id.uuidString.lowercased(), key: created.key)) }
            Output.line(created.key)
        }
    }
}
