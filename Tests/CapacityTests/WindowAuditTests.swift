import Capacity
import Testing

@Suite("The audit of windows")
struct WindowAuditTests {
    private static let audit = WindowAudit(limit: 10, window: .second)

    private func attempt(
        _ milliseconds: Int64,
        takes: Int64 = 50,
        error: Nanoseconds = 0,
        recipients: Int32 = 1,
        life: Int32 = 0,
        isCertain: Bool = true
    ) -> AuditedAttempt {
        AuditedAttempt(
            earliest: milliseconds * .millisecond,
            latest: (milliseconds + takes) * .millisecond,
            error: error,
            recipients: recipients,
            life: life,
            isCertain: isCertain
        )
    }

    @Test("Credits that cool for a window after the answer leave nothing to find")
    func sound() {
        let attempts = (0..<500).flatMap { round in
            (0..<10).map { attempt(Int64(round) * 1052 + Int64($0) * 7) }
        }
        #expect(Self.audit.findings(in: attempts).isEmpty)
        let errors = (0..<500).map { attempt(Int64($0) * 1052, error: 500_000, recipients: 10, life: Int32($0 % 3)) }
        #expect(Self.audit.findings(in: errors).isEmpty)
    }

    @Test("One more than the limit inside a second is certain, and where it lies is said")
    func certain() throws {
        let attempts = (0..<10).map { attempt(5000 + Int64($0) * 10) } + [attempt(5900), attempt(9000)]
        let finding = try #require(Self.audit.findings(in: attempts).first { $0.isCertain })
        #expect(finding.most == 11)
        #expect(finding.from <= 5000 * .millisecond)
        #expect(finding.to == 5950 * .millisecond + 1)
        #expect(!Self.audit.findings(in: Array(attempts.dropFirst())).contains { $0.isCertain })
    }

    @Test("A window is half-open: exactly a window later is too late to count, a nanosecond before is not")
    func halfOpen() {
        func pair(apart: Nanoseconds) -> [AuditedAttempt] {
            [0, apart].map {
                AuditedAttempt(earliest: $0, latest: $0, error: 0, recipients: 6, life: 0, isCertain: true)
            }
        }
        #expect(Self.audit.findings(in: pair(apart: .second)).isEmpty)
        #expect(Self.audit.findings(in: pair(apart: .second - 1)).map(\.isCertain) == [true])
    }

    @Test("Where answers leave room for doubt it is possible and not certain")
    func possible() throws {
        // Counted at its answer, the first lies in one second with the others; counted at its start it does not.
        let attempts = [attempt(0, takes: 900)] + (0..<10).map { attempt(1100 + Int64($0)) }
        let findings = Self.audit.findings(in: attempts)
        #expect(findings.map(\.isCertain) == [false])
        #expect(findings.map(\.most) == [11])
    }

    @Test("What SES refused cannot make a window certain")
    func refused() {
        let attempts = (0..<11).map { attempt(Int64($0), isCertain: $0 > 0) }
        #expect(Self.audit.findings(in: attempts).map(\.isCertain) == [false])
    }

    @Test("Clock errors make doubt between nodes and none within one")
    func clockErrors() {
        // Ten and one more, a millisecond too far apart to share a window.
        func attempts(otherLife: Int32) -> [AuditedAttempt] {
            [
                attempt(0, takes: 0, error: .millisecond, recipients: 10),
                attempt(1001, takes: 0, error: .millisecond, life: otherLife),
            ]
        }
        #expect(Self.audit.findings(in: attempts(otherLife: 0)).isEmpty)
        #expect(Self.audit.findings(in: attempts(otherLife: 1)).map(\.isCertain) == [false])
        // Eleven over 999 ms: certain within a life, in doubt between two.
        func close(otherLife: Int32) -> [AuditedAttempt] {
            [
                attempt(0, takes: 0, error: .millisecond, recipients: 10),
                attempt(999, takes: 0, error: .millisecond, life: otherLife),
            ]
        }
        #expect(Self.audit.findings(in: close(otherLife: 0)).contains { $0.isCertain })
        #expect(Self.audit.findings(in: close(otherLife: 1)).map(\.isCertain) == [false])
    }

    @Test("A quota below one a second has a longer window")
    func slow() {
        let window = WindowAudit.window(rate: 0.5)
        #expect(window == 2 * .second)
        let audit = WindowAudit(limit: 1, window: window)
        #expect(audit.findings(in: [attempt(0, takes: 0), attempt(2000, takes: 0)]).isEmpty)
        #expect(audit.findings(in: [attempt(0, takes: 0), attempt(1999, takes: 0)]).map(\.isCertain) == [true])
    }

    @Test("Both scans agree with counting every window, on random attempts", arguments: 0..<20)
    func bruteForce(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let attempts = (0..<60).map { _ in
            AuditedAttempt(
                earliest: Int64.random(in: 0..<60, using: &random),
                latest: Int64.random(in: 0..<70, using: &random),
                error: 0,
                recipients: Int32.random(in: 1...3, using: &random),
                life: 0,
                isCertain: true
            )
        }
        let window: Nanoseconds = 10
        var inside: [Nanoseconds: Int] = [:]
        var touching: [Nanoseconds: Int] = [:]
        for start in Nanoseconds(-20)..<90 {
            for attempt in attempts {
                if attempt.earliest >= start, attempt.latest < start + window {
                    inside[start, default: 0] += Int(attempt.recipients)
                }
                if attempt.earliest < start + window, attempt.latest >= start {
                    touching[start, default: 0] += Int(attempt.recipients)
                }
            }
        }
        for limit in [1, 5, 10, 20, 60, 90, 110] {
            let findings = WindowAudit(limit: limit, window: window).findings(in: attempts)
            let certain = findings.filter(\.isCertain)
            #expect(certain.map(\.most).max() == inside.values.filter { $0 > limit }.max())
            for (start, count) in inside where count > limit {
                #expect(certain.contains { $0.from < start + window && start < $0.to })
            }
            for (start, count) in touching where count > limit {
                #expect(
                    findings.contains { $0.from <= start && start + window <= $0.to }
                        || certain.contains { $0.from < start + window && start < $0.to && $0.most >= count }
                )
            }
            if touching.values.allSatisfy({ $0 <= limit }) { #expect(findings.isEmpty) }
        }
    }

    @Test("Half a million attempts are gone through in seconds")
    func large() {
        let attempts = (0..<500_000 as Range<Int64>).map { index in
            let at = index / 10 * 1052 + index % 10
            return attempt(at, error: 1000, life: Int32(index % 2))
        }
        let started = ContinuousClock.now
        #expect(Self.audit.findings(in: attempts).isEmpty)
        #expect(ContinuousClock.now - started < .seconds(120))
    }
}
