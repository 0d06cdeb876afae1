import Capacity
import Testing

@Suite("The audit of guarantees")
struct GuaranteeAuditTests {
    /// Ten credits at 50/s, calls of 50 ms: 9.5 recipients a second.
    private static let audit = GuaranteeAudit(guarantee: 10, rate: 50, call: 50 * .millisecond)

    /// `rate` recipients a second between two seconds, all of which waited since `since`.
    private func sends(_ rate: Double, from: Double, to: Double, since: Double = 0) -> [GuaranteeAudit.Wait] {
        stride(from: from, to: to, by: 1 / rate).map { at in wait(since: since, until: at, recipients: 1) }
    }

    private func wait(since: Double, until: Double, recipients: Int32) -> GuaranteeAudit.Wait {
        GuaranteeAudit.Wait(
            since: Nanoseconds(since * 1e9),
            until: Nanoseconds(until * 1e9),
            recipients: recipients
        )
    }

    @Test("A share that gets its guarantee has missed nothing, with a second's grace at the start")
    func kept() {
        #expect(Self.audit.misses(in: sends(9.51, from: 1.25, to: 60)).isEmpty)
        #expect(Self.audit.misses(in: sends(20, from: 0, to: 60)).isEmpty)
        #expect(Self.audit.misses(in: []).isEmpty)
    }

    @Test("Less than the guarantee is missed, and how much is said")
    func missed() throws {
        let misses = Self.audit.misses(in: sends(8, from: 1.25, to: 60))
        let miss = try #require(misses.first)
        #expect(misses.count == 1)
        #expect((78...81).contains(miss.least))
        #expect(abs(miss.guaranteed - 95.06) < 0.01)
        #expect(miss.to - miss.from > 50 * .second)
    }

    @Test("A pause inside good service is found, and ends where sending went on")
    func pause() throws {
        let waits = sends(10, from: 0, to: 30) + sends(10, from: 60, to: 90)
        let misses = Self.audit.misses(in: waits)
        let miss = try #require(misses.first)
        #expect(misses.count == 1)
        #expect(miss.least == 0)
        #expect((19...30).contains(Double(miss.from) / 1e9))
        #expect((60...70).contains(Double(miss.to) / 1e9))
    }

    @Test("Nothing is sent at all while mail waits, up to the end")
    func nothing() {
        let misses = Self.audit.misses(in: [wait(since: 10, until: 100, recipients: 0)])
        #expect(misses.map { Double($0.to) / 1e9 } == [100])
        #expect(misses.map(\.least) == [0])
    }

    @Test("Without waiting mail no guarantee is missed, however little is sent")
    func idle() {
        let waits = (0..<100).map { wait(since: Double($0), until: Double($0) + 0.1, recipients: 1) }
        #expect(Self.audit.misses(in: waits).isEmpty)
        // Too short to be judged.
        #expect(Self.audit.misses(in: [wait(since: 0, until: 11, recipients: 0)]).isEmpty)
    }
}
