import Telemetry
import Testing

struct SupervisorNotesTests {
    private let start = ContinuousClock.now

    private func report(_ phase: HealthReport.Phase, _ database: HealthReport.Check) -> HealthReport {
        HealthReport(phase: phase, checks: ["database": database, "encryption": .passing])
    }

    @Test func readyIsSaidOnceAndNotBeforeTheListenersAreOpen() {
        var notes = SupervisorNotes(watchdog: nil)
        let ready = report(.ready, .passing)
        #expect(
            notes.next(report(.starting, .pending), isListening: true, at: start)
                == "STATUS=not ready: database: pending"
        )
        let closed = notes.next(ready, isListening: false, at: start)
        #expect(closed == "STATUS=starting")
        let open = notes.next(ready, isListening: true, at: start)
        #expect(open == "READY=1\nSTATUS=ready")
        let again = notes.next(ready, isListening: true, at: start)
        #expect(again == nil)
    }

    @Test func whatIsLostLaterIsAStatusAndNoSecondStart() {
        var notes = SupervisorNotes(watchdog: nil)
        _ = notes.next(report(.ready, .passing), isListening: true, at: start)
        let lost = notes.next(report(.ready, .failing("gone\nREADY=1")), isListening: true, at: start)
        #expect(lost == "STATUS=not ready: database: gone READY=1")
        let back = notes.next(report(.ready, .passing), isListening: true, at: start)
        #expect(back == "STATUS=ready")
        let draining = notes.next(report(.draining, .passing), isListening: true, at: start)
        #expect(draining == "STATUS=draining")
    }

    @Test func signsOfLifeComeThreeTimesInAnInterval() {
        var notes = SupervisorNotes(watchdog: .seconds(30))
        let ready = report(.ready, .passing)
        let signs = (0..<60).filter { second in
            notes.next(ready, isListening: true, at: start + .seconds(second))?.contains("WATCHDOG=1") == true
        }
        #expect(signs == [0, 10, 20, 30, 40, 50])
    }

    @Test func looksAreShortUntilItIsReadyAndFitAShortInterval() {
        var notes = SupervisorNotes(watchdog: nil)
        #expect(notes.pause == .milliseconds(100))
        _ = notes.next(report(.ready, .passing), isListening: true, at: start)
        #expect(notes.pause == .seconds(1))
        var hurried = SupervisorNotes(watchdog: .seconds(2))
        _ = hurried.next(report(.ready, .passing), isListening: true, at: start)
        #expect(hurried.pause == .milliseconds(500))
    }
}
