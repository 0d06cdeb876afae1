import Directory

/// The share tree with its sliders. A script makes the changes, by way of the admin API; each share's own figures are live.
struct SharesForm {
    /// Shares that have a chart of their own.
    private static let charts = 24

    let view: AccountView

    private struct Place {
        let share: ShareView
        let parent: String
        let depth: Int
        let index: Int
    }

    private var places: [Place] {
        var places: [Place] = []
        func add(_ shares: [ShareView], below parent: String, _ depth: Int) {
            for share in shares {
                places.append(Place(share: share, parent: parent, depth: depth, index: places.count))
                add(share.children, below: share.path, depth + 1)
            }
        }
        add(view.account.shareViews, below: "", 0)
        return places
    }

    var html: HTML {
        let account = view.account
        let places = places
        guard !places.isEmpty else {
            return """
                <section class="card" aria-labelledby="shares-title"><h2 id="shares-title">Shares</h2><p class="empty">The account has \
                no shares: all its mail goes in one lane for each tenant. <code>sluice apply</code> makes some.</p></section>
                """
        }
        let most = Int((view.figures.rate ?? configuredRate ?? 0).rounded(.down))
        return """
            <section class="card" aria-labelledby="shares-title">
            <div class="head"><h2 id="shares-title">Shares</h2>
            <span id="promised" class="soft" role="status"></span></div>
            <form id="shares" data-account="\(account.name)" data-version="\(Int(account.version))" data-quota="\(most)">
            \(places.map { row($0, most) })
            <div class="savebar">
            <div id="share-changes" role="status" aria-live="polite"></div>
            <div class="row"><button type="button" id="share-preview" disabled>Preview</button>
            <button type="button" id="share-save" hidden>Save</button>
            <button type="button" id="share-reset" class="quiet" hidden>Discard</button>
            <button type="button" id="share-undo" class="quiet" hidden>Undo the last change</button></div>
            </div>
            </form>
            </section>
            """
    }

    /// The live figures beside the sliders.
    var parts: [LivePart] {
        places.map { LivePart(id: Self.id(of: $0), figures($0)) }
    }

    /// Of a path and not of a place: the tree may change while the page is open.
    private static func id(of place: Place) -> String { "figures/\(place.share.path)" }

    private var configuredRate: Double? {
        if case .fixed(let rate, _, _) = view.account.quota { return rate }
        return nil
    }

    private func row(_ place: Place, _ most: Int) -> HTML {
        let share = place.share
        let bound = max(most, share.rate, share.ceiling ?? 0, 1)
        let depth = min(place.depth, 3)
        let check: HTML = share.lend ? " checked" : .empty
        return """
            <div class="share deep-\(depth)">
            <fieldset class="sliders" data-path="\(share.path)" data-parent="\(place.parent)">
            <legend>\(share.path)</legend>
            \(slider("rate", "Rate", share.path, share.rate, 0...bound, "Credits that it is promised"))
            \(slider("ceiling", "Ceiling", share.path, share.ceiling, 1...bound, "The most it may hold; empty: the parent's"))
            \(slider("weight", "Weight", share.path, share.weight, 1...max(100, share.weight), "Its part of what is left over"))
            <div class="row"><label><input type="checkbox" name="lend"\(check)> Lends idle credits</label></div>
            </fieldset>
            \(figures(place))
            </div>
            """
    }

    /// Two fields of one value: a slider for the hand, a number for exactness. Both can be used by keyboard.
    private func slider(
        _ name: String,
        _ words: String,
        _ path: String,
        _ value: Int?,
        _ range: ClosedRange<Int>,
        _ hint: String
    ) -> HTML {
        let text = value.map(String.init) ?? ""
        let id = "\(name)/\(path)"
        return """
            <div class="slider"><label for="\(id)" title="\(hint)">\(words)</label>
            <input type="range" data-for="\(id)" min="\(range.lowerBound)" max="\(range.upperBound)" value="\(value ?? range.upperBound)" \
            aria-label="\(words) of \(path)" title="\(hint)">
            <input type="number" id="\(id)" name="\(name)" min="\(range.lowerBound)" step="1" value="\(text)" placeholder="parent's" \
            inputmode="numeric"></div>
            """
    }

    private func figures(_ place: Place) -> HTML {
        let share = place.share
        let figures = view.figures(of: share.path)
        let stats = Stats.html([
            ("Sending", "\(Words.decimal(figures?.used ?? 0))<small>/s</small>"),
            ("Holds", "\(figures?.held ?? 0)"),
            ("Borrows", "\(figures?.borrowed ?? 0)"),
            ("Lends", "\(figures?.lent ?? 0)"),
            ("Waiting", "\(Words.number(figures?.backlog ?? 0))"),
        ])
        return
            "<div id=\"\(Self.id(of: place))\" class=\"share-figures\">\(place.index < Self.charts ? chart(place) : nil)\(stats)</div>"
    }

    private func chart(_ place: Place) -> HTML {
        let share = place.share
        let line: [LiveSecond.Credits?] = view.line.map { second in
            guard let second, let id = view.account.shareIDs[share.path] else { return nil }
            return second.shares[id] ?? .init()
        }
        let latest = line.last { $0 != nil } ?? nil
        var limits = [SecondsChart.Limit("guarantee", Double(share.rate))]
        if let ceiling = share.ceiling { limits.append(SecondsChart.Limit("limit", Double(ceiling))) }
        let ceiling = share.ceiling.map { ", its ceiling \($0)" } ?? ""
        return SecondsChart(
            label:
                "\(share.path) in the last \(AccountView.window) seconds: \(latest?.used ?? 0) sent in the latest; its rate is \(share.rate)\(ceiling)",
            count: AccountView.window,
            areas: [
                .init("use", line.map { $0.map { Double($0.inUse) } }),
                .init("cool", line.map { $0.map { Double($0.cooling) } }),
                .init("free", line.map { $0.map { Double($0.free) } }),
            ],
            lines: [.init("used", line.map { $0.map { Double($0.used) } })],
            limits: limits,
            isSmall: true
        ).html
    }
}
