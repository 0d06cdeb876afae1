import Foundation
import Signing
import Testing

@testable import AWS

/// When credentials are renewed, decided without a clock.
@Suite("Refresh decisions")
struct RefreshTests {
    private let start = ContinuousClock.now
    private let wall = Date(timeIntervalSince1970: 1_767_323_045)
    private let failure = AWSError(.credentials, "no")

    /// Holds credentials that were fetched at `start` and live `minutes`.
    private func state(minutes: Double?) -> CredentialState {
        var state = CredentialState()
        _ = state.turn(at: start)
        let credentials = AWSCredentials.sample("A", expiration: minutes.map { wall + $0 * 60 })
        state.finish(.success(credentials), at: start, wall: wall)
        return state
    }

    private func minute(_ minutes: Double) -> ContinuousClock.Instant { start + .seconds(minutes * 60) }

    @Test("The first caller fetches, others wait, and all see the failure for a moment")
    func first() {
        var state = CredentialState()
        #expect(state.turn(at: start).text == "fetch")
        #expect(state.turn(at: start).text == "wait")
        state.finish(.failure(failure), at: start, wall: wall)
        #expect(state.turn(at: start).text == "fail")
        #expect(state.turn(at: start + .seconds(4)).text == "fail")
        #expect(state.turn(at: start + .seconds(6)).text == "fetch")
    }

    @Test("A cancelled fetch leaves the work to the next")
    func cancelled() {
        var state = CredentialState()
        _ = state.turn(at: start)
        state.finish(nil, at: start, wall: wall)
        #expect(state.turn(at: start).text == "fetch")
    }

    @Test("Keys without an end are never renewed")
    func endless() {
        var state = state(minutes: nil)
        #expect(state.turn(at: minute(1_000_000)).text == "use A")
    }

    @Test("15 minutes before the end one renews; 10 minutes before, all wait for it")
    func schedule() {
        var state = state(minutes: 60)
        #expect(state.turn(at: minute(44.9)).text == "use A")
        #expect(state.turn(at: minute(45.1)).text == "fetch or A")
        #expect(state.turn(at: minute(45.2)).text == "use A")
        #expect(state.turn(at: minute(49.9)).text == "use A")
        #expect(state.turn(at: minute(50.1)).text == "wait")
        state.finish(.failure(failure), at: minute(50.2), wall: wall)
        #expect(state.turn(at: minute(50.2)).text == "use A", "a failure leaves the old ones in use")
        #expect(state.turn(at: minute(50.4)).text == "fetch or A")
        state.finish(.failure(failure), at: minute(59.99), wall: wall)
        #expect(state.turn(at: minute(60)).text == "fail", "until they end")
        #expect(state.turn(at: minute(60.1)).text == "fetch")
        state.finish(.success(.sample("B")), at: minute(60.1), wall: wall)
        #expect(state.turn(at: minute(60.1)).text == "use B")
    }

    @Test("Short-lived credentials are renewed late in their life, not at every call")
    func shortLived() {
        var state = state(minutes: 15)
        #expect(state.turn(at: minute(11)).text == "use A")
        #expect(state.turn(at: minute(11.5)).text == "fetch or A")
    }

    @Test("An endpoint that gives the same old credentials again is not asked at every call")
    func unchanged() {
        var state = state(minutes: 60)
        _ = state.turn(at: minute(51))
        state.finish(.success(.sample("A", expiration: wall + 3600)), at: minute(51), wall: wall + 51 * 60)
        #expect(state.turn(at: minute(51)).text == "use A")
    }

    @Test("Credentials that have ended by our clock are tried for a minute: the clock may be wrong")
    func wrongClock() {
        var state = state(minutes: -600)
        #expect(state.turn(at: start + .seconds(30)).text == "use A")
        #expect(state.turn(at: start + .seconds(61)).text == "fetch")
    }

    @Test("Refused credentials: one fetch for all who used them, and not again for ten seconds")
    func refused() {
        var state = state(minutes: 60)
        let old = AWSCredentials.sample("A")
        #expect(state.turn(after: old, at: start + .seconds(5)).text == "use A", "they are too new")
        #expect(state.turn(after: old, at: start + .seconds(11)).text == "fetch")
        #expect(state.turn(after: old, at: start + .seconds(11)).text == "wait")
        state.finish(.success(.sample("B")), at: start + .seconds(12), wall: wall)
        #expect(state.turn(after: old, at: start + .seconds(12)).text == "use B")
    }
}

extension CredentialState.Turn {
    fileprivate var text: String {
        switch self {
        case .use(let credentials): "use \(credentials.keys.accessKeyID)"
        case .fetch(let fallback): "fetch" + (fallback.map { " or \($0.keys.accessKeyID)" } ?? "")
        case .wait: "wait"
        case .fail: "fail"
        }
    }
}
