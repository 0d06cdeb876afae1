/// Where somebody signs in with a key.
public enum SignInPage {
    /// - Parameters:
    ///   - next: where to go then; a path of ours.
    ///   - hasEnded: somebody was signed in until now.
    ///   - problem: what was wrong with the last attempt.
    public static func page(isForAdmins: Bool, next: String, hasEnded: Bool = false, problem: String? = nil) -> HTML {
        let (product, kind, example, command): (String, String, String, String) =
            isForAdmins
            ? ("Operator", "An admin's key", "sa_...", "sluice key create --admin LABEL")
            : ("Tenant", "A key of your tenant", "sk_live_...", "sluice key create --tenant NAME")
        let failure: HTML? = problem.map { "<p id=\"problem\" class=\"note bad\" role=\"alert\">\($0)</p>" }
        let ended: HTML? =
            hasEnded
            ? "<p class=\"note warn\" role=\"status\">Your session has ended. Sign in to go on where you were.</p>"
            : nil
        let described: HTML =
            problem == nil ? "aria-describedby=\"hint\"" : "aria-describedby=\"problem hint\" aria-invalid=\"true\""
        return PageShell.page(
            title: "Sign in - \(product)",
            body: """
                <body class="alone">
                <main class="card sign-in">
                <p class="brand">\(Icons.mark)<span>Sluice</span></p>
                <h1>Sign in</h1>
                \(ended)\(failure)
                <form method="post" action="/dashboard/sign-in">
                <input type="hidden" name="next" value="\(next)">
                <label for="key">\(kind)</label>
                <input id="key" name="key" type="password" required autofocus autocomplete="current-password" \
                autocapitalize="off" spellcheck="false" maxlength="256" \(described)>
                <p id="hint" class="soft">It begins with <code>\(example)</code>; <code>\(command)</code> makes one. It is not \
                kept: you get a session, which ends with the key, after 12 hours, or after one without use.</p>
                <button>Sign in</button>
                </form>
                </main>
                </body>
                """
        )
    }

    /// Leads on to where somebody wanted to go from another site, whose requests come without the session.
    public static func bridge(to path: String) -> HTML {
        PageShell.page(
            title: "Sluice",
            head: "<meta http-equiv=\"refresh\" content=\"0;url=\(path)\">",
            body:
                "<body class=\"alone\"><main class=\"card\"><h1>One moment</h1><p><a href=\"\(path)\">Go on</a></p></main></body>"
        )
    }
}
