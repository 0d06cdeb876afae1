import Foundation
import Testing
import Top

@Suite("What sluice top shows")
struct TopViewTests {
    private func screen(
        _ picture: TopPicture? = Pictures.busy(),
        _ state: TopState = TopState(),
        columns: Int = 80,
        rows: Int = 24
    ) -> TopView.Screen {
        TopView(width: columns, glyphs: .unicode).screen(picture, state, rows: rows)
    }

    private func pressed(_ keys: TerminalKey...) -> TopState {
        var state = TopState()
        for key in keys { _ = state.press(key, page: 10) }
        return state
    }

    @Test("Every size is filled and never exceeded", arguments: [(80, 24), (200, 60), (40, 10), (20, 3), (80, 1)])
    func sizes(_ columns: Int, _ rows: Int) {
        for state in [TopState(), pressed(.character("h")), pressed(.character("/"), .character("x"))] {
            let screen = screen(Pictures.busy(lanes: 300), state, columns: columns, rows: rows)
            #expect(screen.lines.count == rows)
            #expect(screen.lines.allSatisfy { $0.width <= columns })
        }
    }

    @Test("On 80 by 24 an account, its shares, its lanes and the nodes are seen at once")
    func small() {
        let text = Pictures.text(screen())
        for words in [
            "47.4/s of 50/s", "24h 49,000 of 50,000", "led by host-a", "3s behind", "28.4", "+10", "1,200", "41s",
            "parent",
            "tenant0/transactional", "never", "hooks.apa.example", "host-b", "draining, main parked: unreachable",
            "sent 2,840", "bounced 12", "throttled -", "2 nodes",
        ] {
            #expect(text.contains(words), "\(words) in\n\(text)")
        }
    }

    @Test("Before the first picture, and without accounts or nodes, it says so")
    func empty() {
        #expect(screen(nil).lines.count == 24)
        var state = TopState()
        state.trouble = "the database cannot be read"
        #expect(Pictures.text(screen(nil, state)).contains("the database cannot be read"))
        let text = Pictures.text(screen(TopPicture(at: Pictures.now)))
        #expect(text.contains("sluice apply"))
        #expect(text.contains("no node has a lease"))
    }

    @Test("Trouble of an account is told in words")
    func troubles() {
        var picture = Pictures.busy()
        picture.accounts[0].rateInForce = 12.5
        picture.accounts[0].isPaused = true
        picture.accounts[0].parked = "daily_quota"
        picture.accounts[0].parkedDetail = "spent"
        picture.accounts[0].isSandbox = true
        picture.accounts[0].isSendingDisabled = true
        picture.accounts[0].leader = nil
        picture.accounts[0].feedback.missing = 90
        picture.accounts[0].feedback.looked = 1_000
        let text = Pictures.text(screen(picture, rows: 40))
        for words in [
            "cut from 50", "PAUSED", "PARKED, daily_quota: spent", "SANDBOX", "DISABLED", "led by nobody",
            "90 of 1,000 sends without a word",
        ] {
            #expect(text.contains(words), "\(words) in\n\(text)")
        }
    }

    @Test("Of 10,000 lanes the oldest are listed and the rest is summed")
    func manyLanes() {
        let picture = Pictures.busy(lanes: 10_000)
        let whole = TopView(width: 100, glyphs: .unicode).whole(picture, TopState()).map(\.text)
        let listed = whole.filter { $0.contains("/transactional") }
        #expect(listed.count == TopView.listedLanes)
        #expect(listed.first?.contains("tenant0/") == true)
        #expect(whole.contains { $0.contains("9,800 more lanes") })
        let filtered = TopView(width: 100, glyphs: .unicode).whole(picture, TopState(filter: "TENANT9999/")).map(\.text)
        #expect(filtered.filter { $0.contains("/transactional") }.count == 1)
    }

    @Test("Lanes are sorted as chosen", arguments: [("oldest", "tenant0"), ("depth", "tenant2"), ("eta", "tenant1")])
    func sorting(_ sort: String, _ first: String) throws {
        var state = TopState()
        while state.sort.rawValue != sort { _ = state.press(.character("s"), page: 1) }
        let lines = TopView(width: 100, glyphs: .unicode).whole(Pictures.busy(lanes: 3), state).map(\.text)
        let lane = try #require(lines.first { $0.contains("/transactional") })
        #expect(lane.contains(first))
    }

    @Test("Scrolling ends where the picture does")
    func scrolling() {
        let picture = Pictures.busy(lanes: 150)
        let end = screen(picture, pressed(.character("G")))
        #expect(Pictures.text(end).contains("tenant149/"))
        #expect(!Pictures.text(end).contains("lines below"))
        var state = pressed(.character("G"))
        state.settle(at: end.offset)
        _ = state.press(.up, page: 10)
        #expect(screen(picture, state).offset == end.offset - 1)
        _ = state.press(.home, page: 10)
        #expect(screen(picture, state).offset == 0)
        #expect(Pictures.text(screen(picture, state)).contains("lines below"))
    }

    @Test("What others have written reaches the terminal without its commands")
    func harmless() {
        var picture = Pictures.busy()
        picture.accounts[0].parked = "unreachable"
        picture.accounts[0].parkedDetail = "\u{1B}]0;owned\u{07}\u{1B}[2J\u{202E}ü\r\n\u{9B}31m"
        let palette = Palette(hasColours: false, hasStyles: false, glyphs: .unicode)
        let text = screen(picture).lines.map(palette.encode).joined(separator: "\n")
        #expect(text.contains("?]0;owned??[2J?ü"))
        #expect(!text.unicodeScalars.contains { $0 != "\n" && ($0.value < 0x20 || (0x7F..<0xA0).contains($0.value)) })
    }

    @Test("A bar shows what is sent within the guarantee and beyond it, what is held, and what is free")
    func bars() throws {
        let line = try #require(screen(columns: 120).lines.first { $0.text.hasPrefix("UK") })
        let bar = line.pieces.suffix(4).filter { !$0.text.allSatisfy { $0 == " " } }
        #expect(bar.contains { $0.style == .good && $0.text.allSatisfy { $0 == "█" } })
        #expect(bar.contains { $0.style == .warning && $0.text.allSatisfy { $0 == "█" } })
    }

    @Test("Sixteen colours at most; none with NO_COLOR, nothing at all in a pipe, and ASCII where there is no UTF-8")
    func palettes() {
        func encoded(_ environment: [String: String], isTerminal: Bool = true) -> String {
            let palette = Palette(environment: environment, isTerminal: isTerminal)
            return TopView(width: 120, glyphs: palette.glyphs).screen(Pictures.busy(), TopState(), rows: 30).lines
                .map(palette.encode).joined(separator: "\n")
        }
        let colours = encoded(["LANG": "de_AT.UTF-8"])
        let codes = colours.matches(of: #/\u{1B}\[([0-9;]*)m/#).flatMap { $0.output.1.split(separator: ";") }
        #expect(Set(codes).isSubset(of: ["0", "1", "7", "31", "32", "33", "36", "90"]))
        #expect(codes.contains("32"))
        let plain = encoded(["LANG": "C", "NO_COLOR": "1"])
        #expect(!plain.contains("\u{1B}[32m"))
        let isASCII = plain.unicodeScalars.allSatisfy { $0.isASCII }
        #expect(isASCII)
        #expect(!encoded([:], isTerminal: false).contains("\u{1B}"))
    }

    @Test("In a pipe there is a line for each account and one for the whole")
    func summary() {
        let lines = TopView.summary(Pictures.busy())
        #expect(lines.count == 2)
        #expect(
            lines[0].contains(
                "account=main used=47.4 quota=50 credits=50 waiting=1500 oldest=41s leader=host-a state=ok"
            )
        )
        #expect(lines[1].contains("nodes=2") && lines[1].contains("throttled_1m=-"))
    }
}
