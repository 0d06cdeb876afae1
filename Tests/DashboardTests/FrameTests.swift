import Dashboard
import Testing

struct FrameTests {
    private static let frame = DashboardFrame(
        product: "Operator",
        holder: "<b>ops</b>",
        links: [.init("/dashboard", "Overview"), .init("/dashboard/queue", "Queue")],
        csrfToken: "token"
    )

    private static func page(_ body: HTML) -> String {
        frame.page(
            DashboardPage(title: "A <i>page</i>", section: "/dashboard/queue", body: body, live: "/dashboard/live/x")
        ).text
    }

    @Test func theFrameHasItsLandmarksAndSaysWhereOneIs() {
        let text = Self.page("<h1>Queue</h1>")
        for part in ["<html lang=\"en\">", "<main id=\"content\"", "<nav ", "class=\"skip\"", "role=\"status\""] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(text.contains("<a href=\"/dashboard/queue\" aria-current=\"page\">"))
        #expect(text.components("aria-current") == 2)
        #expect(!text.contains("<b>ops") && !text.contains("<i>page"))
        #expect(text.contains("data-live=\"/dashboard/live/x\""))
    }

    @Test func nothingIsInline() {
        let text = Self.page("") + SignInPage.page(isForAdmins: true, next: "/dashboard", problem: "No.").text
        for pattern in [#/<script(?![^>]*src=)/#, #/\sstyle=/#, #/\son[a-z]+=/#, #/<style/#, #/javascript:/#] {
            #expect(text.firstMatch(of: pattern) == nil)
        }
        #expect(text.firstMatch(of: #/(?:src|href)="(?:https?:)?\/\//#) == nil, "nothing comes from another host")
    }

    @Test func whereToGoOnCannotLeaveItsAttribute() {
        let text = SignInPage.page(isForAdmins: false, next: "/dashboard/\"><script>").text
        #expect(!text.contains("<script>"))
    }

    @Test func assetsAreNamedByWhatTheyHold() {
        let paths = DashboardAsset.all.map(\.path)
        #expect(Set(paths).count == paths.count && paths.count >= 4)
        #expect(
            paths.allSatisfy { $0.wholeMatch(of: #/\/dashboard\/assets\/[a-z]+\.[0-9a-z]{8,}\.(css|js|svg)/#) != nil }
        )
        #expect(DashboardAsset.all.allSatisfy { !$0.bytes.isEmpty })
    }
}

extension String {
    fileprivate func components(_ separator: String) -> Int {
        split(separator: separator, omittingEmptySubsequences: false).count
    }
}
