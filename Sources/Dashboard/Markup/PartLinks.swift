/// The way through a list that is cut into numbered parts.
struct PartLinks {
    let path: String
    let query: [(name: String, value: String)]
    let part: Int
    let parts: Int

    var html: HTML {
        guard parts > 1 else { return .empty }
        let back: HTML? =
            part > 1 ? "<a class=\"button quiet\" rel=\"prev\" href=\"\(link(part - 1))\">Previous</a>" : nil
        let on: HTML? =
            part < parts ? "<a class=\"button quiet\" rel=\"next\" href=\"\(link(part + 1))\">Next</a>" : nil
        return
            "<nav class=\"pages\" aria-label=\"Pages\">\(back)<span>\(Words.number(part)) of \(Words.number(parts))</span>\(on)</nav>"
    }

    private func link(_ part: Int) -> String {
        let pairs = query.filter { !$0.value.isEmpty } + [(name: "part", value: "\(part)")]
        return path + "?" + pairs.map { "\(Words.segment($0.name))=\(Words.segment($0.value))" }.joined(separator: "&")
    }
}
