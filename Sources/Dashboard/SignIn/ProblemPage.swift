/// What is shown instead of a page that cannot be.
public enum ProblemPage {
    public static func page(title: String, detail: String) -> HTML {
        PageShell.page(
            title: title,
            body: """
                <body class="alone">
                <main class="card">
                <p class="brand">\(Icons.mark)<span>Sluice</span></p>
                <h1>\(title)</h1>
                <p>\(detail)</p>
                <p><a href="/dashboard">To the overview</a></p>
                </main>
                </body>
                """
        )
    }
}
