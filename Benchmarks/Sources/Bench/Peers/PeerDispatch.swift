import Measure

/// The libraries' side of B3: each from a full queue, with what people call SES with and with what is quicker.
struct PeerDispatch: Sendable {
    let libraries: [PeerLibrary]
    /// What jobs call SES with.
    let clients: [String]
    /// Messages in each queue.
    let backlog: Int
    /// The longest time of one measurement: a rate that stays does not need the whole queue.
    let seconds: Double
    let server: DatabaseServer

    func fill() async throws {
        for library in libraries {
            Terminal.progress("\(library.name): \(backlog) messages into its queue")
            try await PeerDispatchRun.fill(library, backlog: backlog, server)
        }
    }

    func measure(_ latency: String) async throws -> [DispatchResult] {
        var results: [DispatchResult] = []
        for library in libraries {
            for client in clients {
                let run = PeerDispatchRun(
                    library: library,
                    client: client,
                    latency: latency,
                    backlog: backlog,
                    seconds: seconds,
                    server: server
                )
                let result = try await run.run()
                Terminal.line(result.summary)
                results.append(result)
            }
        }
        return results
    }

    func drop() async throws {
        for library in libraries { try await PeerDispatchRun.drop(library, server) }
    }
}
