import Foundation
import Testing
import Top

@Suite("Keys of sluice top")
struct TopStateTests {
    private func keys(_ parts: String...) -> [TerminalKey] {
        var decoder = KeyDecoder()
        return parts.flatMap { decoder.keys(in: Array($0.utf8)) }
    }

    @Test("Sequences become keys, also those cut between two reads; unknown ones are nothing")
    func decoding() {
        #expect(keys("\u{1B}[A\u{1B}OBq") == [.up, .down, .character("q")])
        #expect(keys("\u{1B}[", "5~x") == [.pageUp, .character("x")])
        #expect(keys("\u{1B}[6~\u{1B}[H\u{1B}[4~\u{1B}[1;5A") == [.pageDown, .home, .end, .up])
        #expect(keys("\u{1B}") == [.escape])
        #expect(keys("\u{1B}[15~\u{1B}x!") == [.character("!")])
        #expect(keys("\r\u{7F}\u{1A}ü") == [.enter, .backspace, .suspend, .character("ü")])
        var decoder = KeyDecoder()
        let halves =
            decoder.keys(in: [0xC3]) + decoder.keys(in: [0xBC]) + decoder.keys(in: [0xFF, 0xFF, 0xFF, 0xFF, 0x71])
        #expect(halves == [.character("ü"), .character("q")])
    }

    @Test("A filter is typed, kept by Enter and left by Escape; letters of commands are letters then")
    func filtering() {
        var state = TopState()
        for key in keys("/qAT") {
            let action = state.press(key, page: 5)
            #expect(action == nil)
        }
        #expect(state.filter == "qAT" && state.isEditingFilter)
        _ = state.press(.backspace, page: 5)
        _ = state.press(.enter, page: 5)
        #expect(state.filter == "qA" && !state.isEditingFilter)
        _ = state.press(.escape, page: 5)
        #expect(state.filter.isEmpty)
    }

    @Test("Quit, suspend, pause, help, sort")
    func commands() {
        var state = TopState()
        let quit = state.press(.character("q"), page: 5)
        #expect(quit == .quit)
        _ = state.press(.character("/"), page: 5)
        let suspend = state.press(.suspend, page: 5)
        #expect(suspend == .suspend)
        _ = state.press(.escape, page: 5)
        _ = state.press(.character("p"), page: 5)
        _ = state.press(.character("h"), page: 5)
        #expect(state.isPaused && state.showsHelp)
        _ = state.press(.escape, page: 5)
        #expect(state.isPaused && !state.showsHelp)
        let sorts = (0..<4).map { _ in
            _ = state.press(.character("s"), page: 5)
            return state.sort
        }
        #expect(sorts == [.depth, .eta, .name, .oldest])
        _ = state.press(.up, page: 5)
        #expect(state.offset == 0)
    }

    @Test("The last minute: seconds that grow older leave it, counters are compared with a minute ago")
    func window() {
        var window = OutcomeWindow()
        func totals(_ second: Double, _ count: Int) -> OutcomeWindow.Totals {
            OutcomeWindow.Totals(
                at: Pictures.now + second,
                throttled: count,
                delivered: count * 10,
                bounced: count,
                complained: 0
            )
        }
        func second(_ second: Double, _ sent: Int) -> OutcomeWindow.Second {
            OutcomeWindow.Second(at: Pictures.now + second, sent: sent, notSent: 1, unknown: 2)
        }
        window.add([second(-70, 1_000), second(-30, 5), second(-1, 7)], totals: totals(0, 3))
        #expect(window.outcomes.sent == 12)
        #expect(window.outcomes.unknown == 4)
        #expect(window.outcomes.throttled == nil)
        window.add([second(-1, 1), second(1, 10)], totals: totals(2, 5))
        #expect(window.outcomes.sent == 23)
        #expect(window.outcomes.throttled == 2)
        #expect(window.outcomes.delivered == 20)
        window.add([], totals: totals(40, 6))
        #expect(window.outcomes.sent == 18)
        window.add([], totals: totals(90, 4))
        #expect(window.outcomes.sent == 0)
        // What was counted at 2 s is what a minute ago there was.
        #expect(window.outcomes.throttled == 0)
        #expect(window.outcomes.delivered == 0)
    }
}
