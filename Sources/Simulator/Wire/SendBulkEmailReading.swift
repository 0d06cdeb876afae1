/// Reads the JSON of `SendBulkEmail`: one submission per entry, each with its own refusal.
enum SendBulkEmailReading {
    private static let maximumEntries = 50

    private struct Defaults {
        var from: String?
        var replyTo: [String] = []
        var tags: [Submission.Tag] = []
        var configurationSet: String?
        var identityARN: String?
        var feedbackAddress: String?
        var feedbackIdentityARN: String?
        var template: Range<Int>?
        var fault: String?
    }

    static func read(_ reader: inout JSONReader) throws(ServiceFailure) -> SendRequest {
        var defaults = Defaults()
        var entries: [Submission] = []
        var replacements: [Range<Int>?] = []
        try reader.object { (name, reader) throws(ServiceFailure) in
            switch name {
            case "FromEmailAddress": defaults.from = try reader.optionalString()
            case "ReplyToAddresses": defaults.replyTo = try reader.strings()
            case "DefaultEmailTags": defaults.tags = try reader.tags()
            case "ConfigurationSetName": defaults.configurationSet = try reader.optionalString()
            case "FromEmailAddressIdentityArn": defaults.identityARN = try reader.optionalString()
            case "FeedbackForwardingEmailAddress": defaults.feedbackAddress = try reader.optionalString()
            case "FeedbackForwardingEmailAddressIdentityArn":
                defaults.feedbackIdentityARN = try reader.optionalString()
            case "DefaultContent": try readDefaultContent(&defaults, from: &reader)
            case "BulkEmailEntries":
                if try reader.null() { return }
                try reader.array { (reader) throws(ServiceFailure) in
                    let (entry, replacement) = try readEntry(&reader, fault: &defaults.fault)
                    entries.append(entry)
                    replacements.append(replacement)
                }
            default: try reader.skip()
            }
        }
        try reader.end()
        for index in entries.indices {
            complete(&entries[index], defaults, replacement: replacements[index], body: reader.bytes)
        }
        return SendRequest(operation: .bulk, submissions: entries, refusal: refusal(defaults, entries: entries.count))
    }

    private static func readDefaultContent(
        _ defaults: inout Defaults,
        from reader: inout JSONReader
    ) throws(ServiceFailure) {
        if try reader.null() { return }
        try reader.object { (name, reader) throws(ServiceFailure) in
            if name == "Template" {
                if try reader.null() { return }
                defaults.template = try TemplateReading.read(&reader, fault: &defaults.fault)
            } else {
                try reader.skip()
            }
        }
    }

    /// - Parameter callFault: set to what makes SES refuse the whole call.
    private static func readEntry(
        _ reader: inout JSONReader,
        fault callFault: inout String?
    ) throws(ServiceFailure) -> (Submission, Range<Int>?) {
        var entry = Submission()
        var replacement: Range<Int>?
        var fault: String?
        try reader.object { (name, reader) throws(ServiceFailure) in
            switch name {
            case "Destination": entry.destination = try reader.destination()
            case "ReplacementTags": entry.tags = try reader.tags()
            case "ReplacementEmailContent":
                if try reader.null() { return }
                var found: String?
                replacement = try reader.range { (reader) throws(ServiceFailure) in
                    found = try replacementFault(&reader)
                }
                callFault = callFault ?? found
            case "ReplacementHeaders": fault = try reader.headersFault()
            default: try reader.skip()
            }
        }
        if let fault { entry.refusal = .badRequest(fault) }
        return (entry, replacement)
    }

    private static func replacementFault(_ reader: inout JSONReader) throws(ServiceFailure) -> String? {
        var fault: String?
        try reader.object { (name, reader) throws(ServiceFailure) in
            guard name == "ReplacementTemplate", try !reader.null() else { return _ = try reader.skip() }
            try reader.object { (name, reader) throws(ServiceFailure) in
                guard name == "ReplacementTemplateData" else { return _ = try reader.skip() }
                fault = try TemplateReading.dataFault(&reader, name: "replacementTemplateData")
            }
        }
        return fault
    }

    /// Gives an entry what it does not say itself, and checks it.
    private static func complete(
        _ entry: inout Submission,
        _ defaults: Defaults,
        replacement: Range<Int>?,
        body: [UInt8]
    ) {
        let replaced = Set(entry.tags.map(\.name))
        entry.tags += defaults.tags.filter { !replaced.contains($0.name) }
        entry.from = defaults.from
        entry.replyTo = defaults.replyTo
        entry.configurationSet = defaults.configurationSet
        entry.identityARN = defaults.identityARN
        entry.feedbackAddress = defaults.feedbackAddress
        entry.feedbackIdentityARN = defaults.feedbackIdentityARN
        entry.recipients = entry.destination.all
        if let template = defaults.template {
            entry.content = SubmittedContent(kind: .template, body: body, value: template, replacement: replacement)
        }
        SubmissionLimits.check(&entry)
    }

    private static func refusal(_ defaults: Defaults, entries: Int) -> ServiceFailure? {
        if defaults.template == nil { return .badRequest("DefaultContent must have a Template") }
        if let fault = defaults.fault { return .badRequest(fault) }
        if defaults.from == nil { return .badRequest("From address is required") }
        if entries == 0 { return .badRequest("BulkEmailEntries is empty") }
        if entries > maximumEntries { return .badRequest("More than \(maximumEntries) bulk entries") }
        return nil
    }
}
