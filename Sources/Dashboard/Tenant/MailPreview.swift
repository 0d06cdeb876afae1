/// What a mail says, as a document of its own for a frame. It is shown under a policy that runs nothing and loads nothing.
public enum MailPreview {
    public static func text(_ text: String) -> String {
        let page: HTML = """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Text</title></head>
            <body style="margin:0;font:14px/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;background:#fff;color:#111">\(text)</body></html>
            """
        return page.text
    }
}
