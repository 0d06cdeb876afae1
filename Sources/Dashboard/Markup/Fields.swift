/// Fields of forms, each with its label.
public enum Fields {
    public static func text(
        _ name: String,
        _ label: String,
        _ value: String?,
        hint: String = "",
        type: String = "search"
    ) -> HTML {
        """
        <div><label for="field-\(name)">\(label)</label><input id="field-\(name)" name="\(name)" type="\(type)" \
        value="\(value ?? "")" placeholder="\(hint)" maxlength="256"></div>
        """
    }

    public static func choice(
        _ name: String,
        _ label: String,
        _ value: String?,
        _ options: [(value: String, words: String)]
    ) -> HTML {
        let items = options.map { option -> HTML in
            let mark: HTML = option.value == (value ?? "") ? " selected" : .empty
            return "<option value=\"\(option.value)\"\(mark)>\(option.words)</option>"
        }
        return
            "<div><label for=\"field-\(name)\">\(label)</label><select id=\"field-\(name)\" name=\"\(name)\">\(items)</select></div>"
    }
}
