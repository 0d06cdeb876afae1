import ArgumentParser
import Measure

struct ExactnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "b7",
        abstract: "Rate exactness, beside the limiters that others use.",
        discussion: """
            Cells are called SYSTEM-rRATE-nNODES-lLATENCY, with the fault or the lanes at the end: sluice-r100-n2-l55-leaderKilled, \
            sluice-r50-n2-l55-lanes300, bucket-r100-n1-l0.
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Only cells of this name, or whose name contains this; several with commas.")
    var cells: String?

    @Flag(name: .long, help: "Name the cells and end.")
    var list = false

    func run() async throws {
        let (common, chosen) = (common, try chosen())
        if list {
            for cell in chosen { Terminal.line(cell.name) }
            return
        }
        try await Session.run { server in
            try await Self.measure(chosen, common, server)
        }
    }

    /// Filters look at the whole matrix, with `--quick` too.
    private func chosen() throws -> [ExactnessCell] {
        let filters = (cells ?? "").split(separator: ",")
        guard !filters.isEmpty else { return ExactnessMatrix.cells(isQuick: common.quick) }
        let cells = ExactnessMatrix.cells(isQuick: false)
        let found = cells.filter { cell in
            // A whole name is that cell, and not those with a fault as well.
            filters.contains { filter in
                cell.name == filter || cell.name.contains(filter) && !cells.contains { $0.name == filter }
            }
        }
        guard !found.isEmpty else { throw ValidationError("No cell's name contains that; see --list.") }
        return found
    }

    static func measure(_ cells: [ExactnessCell], _ common: CommonOptions, _ server: DatabaseServer) async throws {
        var settings = common.quick ? ExactnessSettings.quick(seed: common.seed) : ExactnessSettings()
        settings.seed = common.seed
        for (name, value) in settings.text.sorted(by: { $0.key < $1.key }) { Terminal.line("\(name): \(value)") }
        var results: [CellResult] = []
        var failed: [String] = []
        for (index, cell) in cells.enumerated() {
            Terminal.progress("cell \(index + 1) of \(cells.count): \(cell.name)")
            do {
                let result = try await measure(cell, settings, server)
                Terminal.line("\(cell.name): \(result.summary)")
                results.append(result)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                // The others are still worth an hour.
                Terminal.line("\(cell.name): FAILED: \(error)")
                failed.append(cell.name)
                continue
            }
            // Written after each, so that a run which is stopped has been for something.
            try await Session.write(results, command: "b7", settings: settings.text, to: common.json, isQuiet: true)
        }
        if let file = common.json { Terminal.line("written to \(file)") }
        if !failed.isEmpty { throw Failure("\(failed.count) cells failed: \(failed.joined(separator: ", "))") }
    }

    private static func measure(
        _ cell: ExactnessCell,
        _ settings: ExactnessSettings,
        _ server: DatabaseServer
    ) async throws -> CellResult {
        cell.system == .sluice
            ? try await ExactnessRun(cell: cell, settings: settings, server: server).run()
            : try await ComparatorRun(cell: cell, settings: settings, server: server).run()
    }
}
