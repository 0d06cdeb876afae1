import Foundation
import Signing
import Synchronization
import Testing

@testable import AWS

/// Callers who share one provider.
@Suite("Shared fetches")
struct CredentialProviderTests {
    /// A source that answers when it is told to.
    private final class Gate: Sendable {
        private struct State {
            var callers = 0
            var fetches = 0
            var waiting: [CheckedContinuation<Void, Never>] = []
            var isOpen = false
        }

        private let state = Mutex(State())

        var callers: Int { state.withLock { $0.callers } }
        var fetches: Int { state.withLock { $0.fetches } }

        func arrive() { state.withLock { $0.callers += 1 } }

        func pass() async {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let passes = state.withLock { state in
                        state.fetches += 1
                        guard !state.isOpen, !Task.isCancelled else { return true }
                        state.waiting.append(continuation)
                        return false
                    }
                    if passes { continuation.resume() }
                }
            } onCancel: {
                release()
            }
        }

        func open() {
            state.withLock { $0.isOpen = true }
            release()
        }

        private func release() {
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    @Test("A hundred callers share one fetch")
    func coalesced() async throws {
        let gate = Gate()
        let provider = CredentialProvider(logger: TestHTTP.quiet) { () async throws(AWSError) in
            await gate.pass()
            return .sample("A")
        }
        let found = try await withThrowingTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    gate.arrive()
                    return try await provider.credentials().keys.accessKeyID
                }
            }
            while gate.callers < 100 || gate.fetches == 0 { await Task.yield() }
            gate.open()
            var found: [String] = []
            for try await id in group { found.append(id) }
            return found
        }
        #expect(found == Array(repeating: "A", count: 100))
        #expect(gate.fetches == 1)
    }

    @Test("A failure reaches all who waited for it")
    func failure() async {
        let gate = Gate()
        let provider = CredentialProvider(logger: TestHTTP.quiet) { () async throws(AWSError) in
            await gate.pass()
            throw AWSError(.credentials, "broken")
        }
        let errors = await withTaskGroup { group in
            for _ in 0..<10 {
                group.addTask {
                    do throws(AWSError) {
                        _ = try await provider.credentials()
                        return "none"
                    } catch {
                        return error.message
                    }
                }
            }
            while gate.fetches == 0 { await Task.yield() }
            gate.open()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(errors == Array(repeating: "broken", count: 10))
        #expect(gate.fetches == 1)
    }

    @Test("When the task that fetches is cancelled, one that waits takes over")
    func takeOver() async throws {
        let gate = Gate()
        let provider = CredentialProvider(logger: TestHTTP.quiet) { () async throws(AWSError) in
            await gate.pass()
            if Task.isCancelled { throw AWSError(.cancelled, "cancelled") }
            return .sample("A")
        }
        try await withThrowingTaskGroup { group in
            group.addTask {
                await withTaskGroup { inner in
                    inner.addTask { _ = try? await provider.credentials() }
                    while gate.fetches == 0 { await Task.yield() }
                    // Time for the other to begin waiting; without it that one fetches by itself, which is right too.
                    try? await Task.sleep(for: .milliseconds(50))
                    inner.cancelAll()
                }
                return ""
            }
            while gate.fetches == 0 { await Task.yield() }
            group.addTask { try await provider.credentials().keys.accessKeyID }
            while gate.fetches < 2 { await Task.yield() }
            gate.open()
            let found = try await group.reduce(into: Set<String>()) { $0.insert($1) }
            #expect(found == ["", "A"])
        }
        #expect(gate.fetches == 2)
    }

    @Test("Renewed early, callers find new ones without a fetch of their own")
    func early() async throws {
        let clock = TestClock()
        let gate = Gate()
        gate.open()
        let provider = CredentialProvider(time: clock.source, logger: TestHTTP.quiet) { () async throws(AWSError) in
            await gate.pass()
            return .sample("\(gate.fetches)", expiration: clock.wall + 3600)
        }
        await provider.renewEarly()
        clock.advance(by: .seconds(44 * 60))
        await provider.renewEarly()
        #expect(gate.fetches == 1, "not due")
        clock.advance(by: .seconds(40))
        #expect(try await provider.credentials().keys.accessKeyID == "1")
        await provider.renewEarly()
        #expect(gate.fetches == 2)
        clock.advance(by: .seconds(60))
        #expect(try await provider.credentials().keys.accessKeyID == "2")
        #expect(gate.fetches == 2)
    }

    @Test("A renewal that fails leaves the old ones in use until they end")
    func failedRenewal() async throws {
        let clock = TestClock()
        let gate = Gate()
        gate.open()
        let provider = CredentialProvider(time: clock.source, logger: TestHTTP.quiet) { () async throws(AWSError) in
            await gate.pass()
            guard gate.fetches == 1 else { throw AWSError(.credentials, "broken") }
            return .sample("1", expiration: clock.wall + 3600)
        }
        for minute in [0, 46, 5, 8] {
            clock.advance(by: .seconds(minute * 60))
            #expect(try await provider.credentials().keys.accessKeyID == "1")
        }
        #expect(gate.fetches == 4)
        clock.advance(by: .seconds(60))
        let error = await #expect(throws: AWSError.self) { try await provider.credentials() }
        #expect(error?.message == "broken")
    }

    @Test("A caller who is cancelled stops waiting; the fetch goes on")
    func cancelledWaiter() async throws {
        let gate = Gate()
        let provider = CredentialProvider(logger: TestHTTP.quiet) { () async throws(AWSError) in
            await gate.pass()
            return .sample("A")
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await provider.credentials().keys.accessKeyID }
            while gate.fetches == 0 { await Task.yield() }
            let code = await withTaskGroup { inner in
                inner.addTask {
                    do throws(AWSError) {
                        _ = try await provider.credentials()
                        return AWSError.Code.transport
                    } catch {
                        return error.code
                    }
                }
                inner.cancelAll()
                return await inner.next()
            }
            #expect(code == .cancelled)
            gate.open()
            let found = try await group.next()
            #expect(found == "A")
        }
        #expect(gate.fetches == 1)
    }
}
