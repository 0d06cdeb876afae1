/// The outermost of every page.
enum PageShell {
    static func page(title: String, head: HTML = .empty, body: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>\(title)</title>
        <link rel="icon" href="\(DashboardAsset.favicon.path)" type="image/svg+xml">
        <link rel="stylesheet" href="\(DashboardAsset.stylesheet.path)">
        <link rel="stylesheet" href="\(DashboardAsset.tenantStylesheet.path)">
        \(head)
        </head>
        \(body)
        </html>

        """
    }

    static var scripts: HTML {
        let tags = DashboardAsset.scripts.map { script -> HTML in "<script src=\"\(script.path)\" defer></script>\n" }
        return "\(tags)"
    }
}
