import Measure

/// Messages put into a library's queue by 64 producers in the processes that its users would run, on a database of its own.
struct PeerAcceptRun: Sendable {
    static let producers = 64

    let library: PeerLibrary
    let batch: Int
    let seconds: Double
    let server: DatabaseServer

    func run() async throws -> AcceptResult {
        let database = "peer_\(library.rawValue)"
        try await server.createDatabase(database)
        let result: Result<AcceptResult, any Error>
        do {
            result = .success(try await measure(database))
        } catch {
            result = .failure(error)
        }
        try? await server.dropDatabase(database)
        return try result.get()
    }

    private func measure(_ database: String) async throws -> AcceptResult {
        try await library.program("install", [], url: server.url(database)).run()
        let reading = try await PeerProcess(library: library, server: server, database: database).run(
            "put",
            ["--batch", "\(batch)", "--seconds", "\(seconds)", "--concurrency", "\(Self.producers)"],
            seconds: seconds
        )
        return AcceptResult(
            setting: AcceptResult.Setting(
                system: library.name,
                contract: "no HTTP; \(reading.report.contract)",
                batch: batch,
                clients: Self.producers
            ),
            messages: reading.report.messages,
            refused: 0,
            seconds: reading.report.seconds,
            offered: nil,
            latencies: [],
            cost: AcceptResult.Cost(system: reading.report.processor, database: reading.database, client: nil),
            work: reading.work
        )
    }
}
