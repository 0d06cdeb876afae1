import ArgumentParser
import Foundation
import Measure

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write the tables and pictures of docs/performance.md from docs/performance/*.json."
    )

    @Option(name: .long, help: "The folder of performance.md.")
    var docs: String

    func run() async throws {
        let page = "\(docs)/performance.md"
        var text = try String(contentsOfFile: page, encoding: .utf8)
        var goals: [Goal] = []
        if let b1 = try results("b1", of: LimitResult.self) {
            try fill("b1", in: &text, source(b1) + "\n\n" + ReportPage.limits(b1.cells))
        }
        if let b2 = try results("b2", of: AcceptFigures.self) {
            try fill("b2", in: &text, source(b2) + "\n\n" + ReportPage.acceptance(b2.cells))
            try picture("b2", Pictures.acceptance(b2.cells))
            try picture("b2-latency", Pictures.acceptanceLatency(b2.cells))
            goals += Goals.acceptance(b2.cells)
        }
        if let b3 = try results("b3", of: DispatchResult.self) {
            try fill("b3", in: &text, source(b3) + "\n\n" + ReportPage.dispatch(b3.cells))
            try picture("b3", Pictures.dispatch(b3.cells))
            goals += Goals.dispatch(b3.cells)
        }
        if let b4 = try results("b4", of: MixedResult.self) {
            try fill("b4", in: &text, source(b4) + "\n\n" + ReportPage.mixed(b4.cells))
            goals += Goals.mixed(b4.cells)
        }
        if let b5 = try results("b5", of: NeighbourResult.self) {
            try fill("b5", in: &text, source(b5) + "\n\n" + ReportPage.neighbours(b5.cells))
            goals += Goals.neighbours(b5.cells)
        }
        if let b6 = try results("b6", of: HorizonResult.self) {
            try fill("b6", in: &text, source(b6) + "\n\n" + ReportPage.horizons(b6.cells))
            goals += Goals.horizons(b6.cells)
        }
        if let b7 = try results("b7", of: CellResult.self) {
            try fill("b7", in: &text, source(b7) + "\n\n" + ReportPage.exactness(b7.cells))
            try fill("b7-utilisation", in: &text, ReportPage.utilisation(b7.cells))
            try fill("b7-faults", in: &text, ReportPage.faults(b7.cells))
            try picture("b7", Pictures.exactness(b7.cells))
            goals += Goals.exactness(b7.cells)
        }
        if let b8 = try results("b8", of: BorrowResult.self) {
            try fill("b8", in: &text, source(b8) + "\n\n" + ReportPage.borrowing(b8.cells))
            try picture("b8", Pictures.borrowing(b8.cells))
            goals += Goals.borrowing(b8.cells)
        }
        if let cost = try results("cost", of: CostResult.self) {
            try fill("cost", in: &text, source(cost) + "\n\n" + ReportPage.costs(cost.cells))
        }
        if let pages = try results("pages", of: PageResult.self) {
            try fill("pages", in: &text, source(pages) + "\n\n" + ReportPage.pages(pages.cells))
            goals += Goals.pages(pages.cells)
        }
        if let flood = try results("flood", of: FloodResult.self) {
            try fill("flood", in: &text, source(flood) + "\n\n" + ReportPage.floods(flood.cells))
            goals += Goals.floods(flood.cells)
        }
        if let walls = try results("walls", of: WallResult.self) {
            try fill("walls", in: &text, source(walls) + "\n\n" + ReportPage.walls(walls.cells))
        }
        if let lists = try results("lists", of: ListResult.self) {
            try fill("lists", in: &text, source(lists) + "\n\n" + ReportPage.lists(lists.cells))
        }
        if let feedback = try results("feedback", of: FeedbackFigures.self) {
            try fill("feedback", in: &text, source(feedback) + "\n\n" + ReportPage.feedback(feedback.cells))
            goals += Goals.feedback(feedback.cells)
        }
        if let webhooks = try results("webhooks", of: WebhookResult.self) {
            try fill("webhooks", in: &text, source(webhooks) + "\n\n" + ReportPage.webhooks(webhooks.cells))
            goals += Goals.webhooks(webhooks.cells)
        }
        if let faults = try results("faults", of: FaultResult.self) {
            try fill("faults", in: &text, source(faults) + "\n\n" + ReportPage.faultSuite(faults.cells))
            goals += Goals.faults(faults.cells)
        }
        try fill("goals", in: &text, Goal.table(goals))
        try text.write(toFile: page, atomically: true, encoding: .utf8)
        Terminal.line("written to \(page)")
    }

    private func source(_ results: Results<some Codable>) -> String {
        ReportPage.source(results.command, machine: results.machine, settings: results.settings)
    }

    /// Nil where the benchmark has not been run.
    private func results<Cell>(_ name: String, of type: Cell.Type) throws -> Results<Cell>? {
        let file = URL(filePath: "\(docs)/performance/\(name).json")
        guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else {
            Terminal.progress("\(name): there are no figures; run Benchmarks/run \(name) --json \(file.relativePath)")
            return nil
        }
        return try JSONDecoder().decode(Results<Cell>.self, from: Data(contentsOf: file))
    }

    private func fill(_ name: String, in page: inout String, _ text: String) throws {
        guard let filled = MarkedText.replacing(name, in: page, with: text) else {
            throw Failure("performance.md lacks the markers <!-- \(name) --> and <!-- /\(name) -->")
        }
        page = filled
    }

    private func picture(_ name: String, _ svg: String?) throws {
        try svg?.write(toFile: "\(docs)/performance/\(name).svg", atomically: true, encoding: .utf8)
    }
}
