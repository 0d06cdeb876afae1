import Synchronization
import Testing

@testable import Dispatching

@Suite("Doorbell and byte budget")
struct WaitingTests {
    @Test("A ring before the wait is not lost, and rings are not counted")
    func remembered() async {
        let bell = Doorbell()
        bell.ring()
        bell.ring()
        await bell.wait(until: .now + .seconds(60))
        let deadline = ContinuousClock.now + .milliseconds(20)
        await bell.wait(until: deadline)
        #expect(ContinuousClock.now >= deadline)
    }

    @Test("A ring wakes the waiter, and so does cancellation")
    func wakes() async {
        let bell = Doorbell()
        await withTaskGroup { group in
            group.addTask { await bell.wait(until: .now + .seconds(60)) }
            group.addTask { for _ in 0..<1000 { bell.ring() } }
            await group.next()
            await group.next()
        }
        await withTaskGroup { group in
            group.addTask { await bell.wait(until: .now + .seconds(60)) }
            group.cancelAll()
            await group.waitForAll()
        }
    }

    @Test("The budget is never exceeded, everybody gets a turn, and a giant goes alone")
    func budget() async {
        let budget = ByteBudget(100)
        let use = Use()
        await withTaskGroup { group in
            for index in 0..<200 {
                let bytes = index % 50 == 0 ? 500 : index % 40 + 1
                group.addTask {
                    await budget.take(bytes)
                    use.begin(bytes)
                    await Task.yield()
                    use.end(bytes)
                    budget.giveBack(bytes)
                }
            }
        }
        #expect(use.most <= 100)
        #expect(use.giants == 4)
    }

    /// What is in use at once; a giant must be alone.
    private final class Use: Sendable {
        private let state = Mutex((now: 0, most: 0, giants: 0))

        var most: Int { state.withLock { $0.most } }
        var giants: Int { state.withLock { $0.giants } }

        func begin(_ bytes: Int) {
            state.withLock { use in
                use.now += bytes
                if bytes <= 100 {
                    use.most = max(use.most, use.now)
                } else {
                    use.giants += 1
                    if use.now != bytes { use.most = .max }
                }
            }
        }

        func end(_ bytes: Int) {
            state.withLock { $0.now -= bytes }
        }
    }
}
