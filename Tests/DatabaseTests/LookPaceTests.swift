import Testing

@testable import Outbox

@Suite struct LookPaceTests {
    @Test func slowsDownInVainAndIsQuickAgainAtOnce() {
        var pace = LookPace(.milliseconds(40), most: .milliseconds(100))
        var pauses: [Duration] = []
        for found in [true, false, false, false, false, false, false, true] { pauses.append(pace.next(found: found)) }
        #expect(pauses.first == .milliseconds(40))
        #expect(pauses[1] == .milliseconds(50))
        #expect(pauses[6] == .milliseconds(100))
        #expect(pauses.last == .milliseconds(40))
    }
}
