/// Reads a `Template`; any name is a template that exists.
enum TemplateReading {
    /// Of `TemplateData` and of each `ReplacementTemplateData`.
    static let maximumDataCharacters = 262_144

    /// Takes data; answers what is wrong with them.
    static func dataFault(_ reader: inout JSONReader, name: String) throws(ServiceFailure) -> String? {
        let text = try reader.optionalString() ?? ""
        guard text.utf8.count > maximumDataCharacters, text.unicodeScalars.count > maximumDataCharacters else {
            return nil
        }
        return "Value at '\(name)' failed to satisfy constraint: length less than or equal to \(maximumDataCharacters)"
    }

    /// Answers where the template lies, and sets `fault` where something is missing.
    static func read(_ reader: inout JSONReader, fault: inout String?) throws(ServiceFailure) -> Range<Int> {
        var isNamed = false
        var found: String?
        let value = try reader.range { (reader) throws(ServiceFailure) in
            try reader.object { (name, reader) throws(ServiceFailure) in
                switch name {
                case "TemplateName", "TemplateArn": isNamed = try reader.optionalString()?.isEmpty == false || isNamed
                case "TemplateContent":
                    if try reader.null() { return }
                    isNamed = true
                    try reader.object { (_, reader) throws(ServiceFailure) in _ = try reader.optionalString() }
                case "TemplateData": found = try dataFault(&reader, name: "templateData") ?? found
                case "Headers": found = try reader.headersFault() ?? found
                case "Attachments": found = try reader.attachmentsFault() ?? found
                default: try reader.skip()
                }
            }
        }
        fault = fault ?? found ?? (isNamed ? nil : "Template needs TemplateName, TemplateArn or TemplateContent")
        return value
    }
}
