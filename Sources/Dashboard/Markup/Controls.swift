/// Buttons and links that pages have.
public enum Controls {
    /// A button that copies what stands beside it.
    static func copy(_ text: String, _ what: String) -> HTML {
        """
        <button type="button" class="quiet small" data-copy="\(text)" aria-label="Copy \(what)">Copy</button>
        """
    }

    /// A form of one button that calls the API.
    static func action(
        _ words: String,
        _ api: String,
        done: String,
        confirm: String? = nil,
        look: String = "quiet small",
        label: String? = nil
    ) -> HTML {
        let question: HTML = confirm.map { " data-confirm=\"\($0)\"" } ?? .empty
        let name: HTML = label.map { " aria-label=\"\($0)\"" } ?? .empty
        return """
            <form data-api="\(api)" data-body="none" data-done="\(done)" data-then="reload"\(question)>\
            <button class="\(look)"\(name)>\(words)</button></form>
            """
    }

    /// A path with a query of what is not empty.
    static func link(_ path: String, _ query: [(name: String, value: String)]) -> String {
        let parts = query.filter { !$0.value.isEmpty }.map { "\($0.name)=\(Words.segment($0.value))" }
        return parts.isEmpty ? path : path + "?" + parts.joined(separator: "&")
    }
}
