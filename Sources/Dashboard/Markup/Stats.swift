/// A few figures side by side.
public enum Stats {
    public static func html(_ figures: [(name: String, value: HTML)]) -> HTML {
        let items = figures.map { figure -> HTML in "<div><dt>\(figure.name)</dt><dd>\(figure.value)</dd></div>" }
        return "<dl class=\"stats\">\(items)</dl>"
    }
}
