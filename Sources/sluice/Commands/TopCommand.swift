import ArgumentParser
import Foundation
import Logging
import Postgres
import Top

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show live what accounts, shares, lanes and nodes do.",
        discussion: """
            In a terminal: a picture that is read anew each interval; h shows its keys and what its figures mean. Elsewhere: a \
            line for each account and one for the whole, each interval. Reading rests four times as long as it takes, whatever \
            the interval.
            """
    )

    @OptionGroup var options: DatabaseOptions

    @Option(name: .long, help: "Between two pictures, such as 500ms, 1s or 1m.")
    var interval = "1s"

    @Flag(name: .long, help: "Show one picture and end.")
    var once = false

    @Flag(name: .long, help: "Print JSON: one object for each picture, on a line of its own unless there is only one.")
    var json = false

    @Argument(help: "One account (default: all).")
    var account: String?

    func validate() throws {
        guard let interval = DurationText(interval)?.duration, interval >= .milliseconds(100) else {
            throw ValidationError("--interval is a duration from 100ms on, such as 500ms or 1s.")
        }
    }

    func run() async throws {
        let node = try ConfigurationLoader().node(NodeOptions(database: options))
        let interval = DurationText(interval)?.duration ?? .seconds(1)
        var logger = Logger(label: "sluice")
        logger.logLevel = .critical
        try await PostgresPool.withPool(
            try DatabaseAccess.configuration(node),
            configuration: PostgresPoolConfiguration(maxConnections: 2),
            logger: logger
        ) { pool in
            let reader = TopReader(
                pool: pool,
                account: account,
                missingAfter: node.feedbackMissingAfter,
                logger: logger
            )
            let environment = ProcessInfo.processInfo.environment
            let isScreen = TerminalSession.isTerminal && !once && !json && environment["TERM"] != "dumb"
            if isScreen {
                let palette = Palette(environment: environment, isTerminal: true)
                return try await TopScreen(interval: interval, palette: palette).run(reader)
            }
            try await print(reader, every: interval)
        }
    }

    private func print(_ first: TopReader, every interval: Duration) async throws {
        var reader = first
        repeat {
            let start = ContinuousClock.now
            do {
                try show(try await reader.read())
            } catch let error as PostgresError where !once && error.code != .migration {
                Output.note("the database cannot be read, trying again: \(error)")
            }
            if once { return }
            try await Task.sleep(for: max(interval, (.now - start) * 4))
        } while !Task.isCancelled
    }

    private func show(_ picture: TopPicture) throws {
        if json {
            let encoder = JSONEncoder()
            encoder.dateEncodingStrategy = .iso8601
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = once ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes] : [.sortedKeys]
            return Output.line(String(decoding: try encoder.encode(picture), as: UTF8.self))
        }
        guard once else { return TopView.summary(picture).forEach { Output.line($0) } }
        let environment = ProcessInfo.processInfo.environment
        let view = TopView(
            width: TerminalSession.isTerminal ? TerminalSession.size().columns : 120,
            glyphs: Palette(environment: environment, isTerminal: false).glyphs
        )
        view.whole(picture, TopState()).forEach { Output.line($0.text) }
    }
}
