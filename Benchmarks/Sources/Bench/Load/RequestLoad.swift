import Foundation
import Glibc
import Measure
import NIOCore
import NIOPosix
import Synchronization

/// Requests over many connections from one thread, at a fraction of what a general client costs: what asks must not take the
/// cores from what answers.
final class RequestLoad: Sendable {
    enum Pace: Sendable {
        /// Each connection asks again when it has its answer.
        case closed
        /// So many requests a second, at random instants that do not wait for any answer.
        case open(Double)
    }

    struct Notes: Sendable {
        /// Messages of requests that were answered with 202.
        var accepted = 0
        /// Messages of requests that were refused, by status.
        var refused: [Int: Int] = [:]
        /// Seconds from when each request was to be sent until its answer was there.
        var latencies: [Double] = []
        var lastAnswer: Int64 = 0
    }

    private struct State {
        var notes = Notes()
        var number: Int
        var arrival: Int64 = 0
        var generator: SplitMix64
    }

    private let template: RequestTemplate
    private let pace: Pace
    private let end: Int64
    private let state: Mutex<State>

    private init(_ template: RequestTemplate, _ pace: Pace, from start: Int64, seconds: Double, seed: UInt64) {
        self.template = template
        self.pace = pace
        end = start + Int64(seconds * 1e9)
        state = Mutex(State(number: Int(start / 1000), arrival: start, generator: SplitMix64(seed: seed)))
    }

    /// Asks for so many seconds and waits for the last answers.
    ///
    /// - Parameter isDistant: whoever asks has a machine of its own, so that this one's cores are everybody else's first.
    /// - Returns: what was noted, and the seconds until the last answer.
    static func run(
        _ template: RequestTemplate,
        pace: Pace,
        connections: Int,
        port: Int,
        seconds: Double,
        seed: UInt64,
        isDistant: Bool = false
    ) async throws -> (notes: Notes, seconds: Double) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        // Of this thread alone: so it is on Linux.
        if isDistant { _ = try await group.next().submit { nice(19) }.get() }
        do {
            var channels: [any Channel] = []
            let start = BootTime.now() + 50_000_000
            let load = RequestLoad(template, pace, from: start, seconds: seconds, seed: seed)
            for _ in 0..<connections {
                channels.append(
                    try await ClientBootstrap(group: group)
                        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                        .channelInitializer { channel in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(RequestHandler(load))
                            }
                        }
                        .connect(host: "127.0.0.1", port: port).get()
                )
            }
            for channel in channels { channel.pipeline.fireUserInboundEventTriggered(RequestHandler.Begin()) }
            for channel in channels { try await channel.closeFuture.get() }
            let notes = load.state.withLock(\.notes)
            try await group.shutdownGracefully()
            return (notes, BootTime.seconds(start, notes.lastAnswer))
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// When the next request is to be sent; nil: none is.
    func next() -> Int64? {
        state.withLock { state in
            switch pace {
            case .closed:
                let now = max(BootTime.now(), state.arrival)
                return now < end ? now : nil
            case .open(let rate):
                let gap = -log(1 - Double.random(in: 0..<1, using: &state.generator)) / rate
                state.arrival += Int64(gap * 1e9)
                return state.arrival < end ? state.arrival : nil
            }
        }
    }

    func request() -> [UInt8] {
        let first = state.withLock { state in
            state.number += template.messages
            return state.number
        }
        return template.request(first)
    }

    func note(_ status: Int, intended: Int64) {
        let now = BootTime.now()
        state.withLock { state in
            state.notes.lastAnswer = max(state.notes.lastAnswer, now)
            guard status == 202 else {
                state.notes.refused[status, default: 0] += template.messages
                return
            }
            state.notes.accepted += template.messages
            state.notes.latencies.append(BootTime.seconds(intended, now))
        }
    }
}
