import Dashboard

/// What all pages have around their text.
struct PageFrame: Sendable {
    /// The API's, on every page.
    let title: String
    /// Path and words.
    let links: [(path: String, words: String)]

    func page(_ heading: String, at path: String, _ text: HTML) -> HTML {
        let links = links.map { link -> HTML in
            let mark: HTML = link.path == path ? " aria-current=\"page\"" : ""
            return "<li><a href=\"\(link.path)\"\(mark)>\(link.words)</a></li>"
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(heading) - \(title)</title>
            <link rel="stylesheet" href="/docs/style.css">
            </head>
            <body>
            <a class="skip" href="#text">Skip to the text</a>
            <header><a href="/docs">\(title)</a></header>
            <nav aria-label="Pages"><ul>\(links)</ul></nav>
            <main id="text" tabindex="-1">
            <h1>\(heading)</h1>
            \(text)
            </main>
            </body>
            </html>

            """
    }
}
