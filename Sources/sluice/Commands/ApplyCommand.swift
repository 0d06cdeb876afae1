import ArgumentParser
import Directory
import Foundation

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Write the accounts and tenants of a file into the database.",
        discussion: """
            Objects that the file does not name are left alone, unless --prune is given. Applying the same file again \
            changes nothing.
            """
    )

    @OptionGroup var options: DatabaseOptions

    @Flag(name: .long, help: "Only show the plan.")
    var dryRun = false

    @Flag(
        name: .long,
        help: "Delete accounts, shares and tenants that the file does not name; refused while mail is queued for one."
    )
    var prune = false

    @Argument(help: "The file with accounts and tenants.")
    var file: String

    func run() async throws {
        let document = try ConfigurationLoader().file(file).directory
        try await DatabaseAccess.withPool(options) { pool in
            let plan = try await DirectoryStore(pool: pool).apply(
                document,
                dryRun: dryRun,
                prune: prune,
                actor: Actor.name
            )
            for change in plan.changes { Output.line(change) }
            if !plan.isEffective {
                Output.line("nothing to change")
            } else {
                Output.line(dryRun ? "dry run: nothing was changed" : "applied")
            }
        }
    }
}

/// Who does something from the command line, for the audit.
enum Actor {
    static var name: String { "cli:\(NSUserName())" }
}
