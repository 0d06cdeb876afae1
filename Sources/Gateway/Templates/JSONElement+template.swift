import Mail

extension JSONElement {
    /// What a template is filled with.
    func templateValue() throws(JSONFault) -> TemplateValue {
        switch kind {
        case .null: return .null
        case .no: return .bool(false)
        case .yes: return .bool(true)
        case .string, .escaped: return .text(try string())
        case .number:
            if let integer = Int64(verbatim) { return .integer(integer) }
            guard let decimal = Double(verbatim), decimal.isFinite else { throw JSONFault("is too large a number") }
            // As it comes back when it has been stored: a whole number of many digits would be printed with others then.
            return Int64(exactly: decimal).map(TemplateValue.integer) ?? .decimal(decimal)
        case .array:
            var values: [TemplateValue] = []
            for (index, element) in try elements().enumerated() {
                do throws(JSONFault) {
                    values.append(try element.templateValue())
                } catch {
                    throw error.inside("\(index)")
                }
            }
            return .list(values)
        case .object:
            var values: [String: TemplateValue] = [:]
            try members { (name, value) throws(JSONFault) in values[name] = try value.templateValue() }
            return .object(values)
        }
    }
}
