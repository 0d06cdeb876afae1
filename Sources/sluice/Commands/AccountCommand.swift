import ArgumentParser
import Directory

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Pause accounts and let them go on.",
        subcommands: [Pause.self, Resume.self]
    )

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop all sending of an account. Mail is accepted all the same, and waits."
        )

        @OptionGroup var target: Target

        func run() async throws { try await target.set(isPaused: true) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a paused account send again.")

        @OptionGroup var target: Target

        func run() async throws { try await target.set(isPaused: false) }
    }

    struct Target: ParsableArguments {
        @OptionGroup var options: DatabaseOptions

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @Argument(help: "The account.")
        var name: String

        func set(isPaused: Bool) async throws {
            let done = try await DatabaseAccess.withPool(options) { pool in
                try await DirectoryStore(pool: pool).setPaused(account: name, isPaused, actor: Actor.name)
            }
            try ChangeReport(done, dryRun: false).show(json: json)
        }
    }
}
