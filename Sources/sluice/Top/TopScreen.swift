import Foundation
import Glibc
import Postgres
import Synchronization
import Top
import UnixSignals

/// The live picture in a terminal: reads, draws, and listens to keys and signals, until one of them ends it.
struct TopScreen {
    private enum Event: Sendable {
        case bytes([UInt8])
        case closed
        case signal(UnixSignal)
        case stopped
        case picture(TopPicture, took: Duration)
        case failed(String)
        case broken(CommandFailure)
        case tick
    }

    /// The part of the time that the database works for the picture is at most a fifth.
    private static let rest = 4.0
    /// Without a picture for so long, something is wrong.
    private static let patience = Duration.seconds(5)

    let interval: Duration
    let palette: Palette

    /// - Throws: what ends it otherwise than by the user's wish; the terminal is as before then, too.
    func run(_ reader: TopReader) async throws {
        let session = try TerminalSession()
        let result: Result<Void, any Error>
        do {
            result = .success(try await show(session, reader))
        } catch {
            result = .failure(error)
        }
        session.leave()
        try result.get()
    }

    private func show(_ session: TerminalSession, _ reader: TopReader) async throws {
        let (events, sink) = AsyncStream.makeStream(of: Event.self)
        let rest = RestSwitch()
        FileHandle.standardInput.readabilityHandler = { input in
            let data = input.availableData
            if data.isEmpty { input.readabilityHandler = nil }
            sink.yield(data.isEmpty ? .closed : .bytes(Array(data)))
        }
        defer { FileHandle.standardInput.readabilityHandler = nil }
        let stops = Self.stops { sink.yield(.stopped) }
        defer { stops.cancel() }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup, .sigquit, .sigwinch)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await signal in signals { sink.yield(.signal(signal)) } }
            group.addTask { await self.read(reader, unless: rest, into: sink) }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    sink.yield(.tick)
                }
            }
            try await self.draw(session, events) { rest.isOn.store($0, ordering: .relaxed) }
            // At once: a database that stands still may hold up the end of a reading.
            session.leave()
            group.cancelAll()
        }
    }

    /// Reads one picture after the other, and rests in between as long as it is told, or longer where reading takes long.
    private func read(
        _ first: TopReader,
        unless rest: RestSwitch,
        into sink: AsyncStream<Event>.Continuation
    ) async {
        var reader = first
        while !Task.isCancelled {
            guard !rest.isOn.load(ordering: .relaxed) else {
                try? await Task.sleep(for: .milliseconds(100))
                continue
            }
            let start = ContinuousClock.now
            do {
                sink.yield(.picture(try await reader.read(), took: .now - start))
            } catch let error as CommandFailure {
                sink.yield(.broken(error))
            } catch let error as PostgresError where error.code == .migration {
                sink.yield(.broken(CommandFailure(error.message)))
            } catch {
                sink.yield(.failed("\(error)"))
            }
            try? await Task.sleep(for: max(interval, (.now - start) * Self.rest))
        }
    }

    private func draw(
        _ session: TerminalSession,
        _ events: AsyncStream<Event>,
        pause: (Bool) -> Void
    ) async throws {
        var state = TopState()
        var decoder = KeyDecoder()
        var picture: TopPicture?
        var heardAt = ContinuousClock.now
        var size = TerminalSession.size()
        for await event in events {
            switch event {
            case .bytes(let bytes):
                for key in decoder.keys(in: bytes) {
                    let page = TopView(width: size.columns, glyphs: palette.glyphs).page(
                        picture,
                        state,
                        rows: size.rows
                    )
                    switch state.press(key, page: page) {
                    case .quit: return
                    case .suspend:
                        try suspend(session)
                        size = TerminalSession.size()
                    case nil: break
                    }
                }
                pause(state.isPaused)
                heardAt = state.isPaused ? .now : heardAt
            case .closed: return
            case .signal(.sigwinch): size = TerminalSession.size()
            case .signal: return
            case .stopped:
                try suspend(session)
                size = TerminalSession.size()
            case .picture(let new, let took):
                picture = new
                heardAt = .now
                state.trouble = nil
                state.interval = max(interval, took * (1 + Self.rest)) / .seconds(1)
            case .failed(let what): state.trouble = "the database cannot be read, trying again: \(what)"
            case .broken(let failure): throw failure
            case .tick:
                let silence = ContinuousClock.now - heardAt
                if state.trouble == nil, !state.isPaused, silence > max(Self.patience, .seconds(state.interval) * 3) {
                    state.trouble = "the database has not answered for \(silence.components.seconds) s, still waiting"
                }
            }
            let view = TopView(width: size.columns, glyphs: palette.glyphs)
            let screen = view.screen(picture, state, rows: size.rows)
            state.settle(at: screen.offset)
            session.show(screen.lines.map(palette.encode))
        }
    }

    /// Gives the terminal back, stops, and takes it again when the shell lets us go on in front.
    private func suspend(_ session: TerminalSession) throws {
        session.leave()
        repeat { kill(getpid(), SIGSTOP) } while !TerminalSession.isInForeground
        try session.enter()
    }

    /// SIGTSTP from elsewhere: the terminal has to be put right first.
    private static func stops(_ handler: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
        signal(SIGTSTP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGTSTP)
        source.setEventHandler(handler: handler)
        source.resume()
        return source
    }
}

/// Whether the database is to be left alone.
private final class RestSwitch: Sendable {
    let isOn = Atomic<Bool>(false)
}
