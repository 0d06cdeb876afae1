/// Reads the JSON of `SendEmail` (SES v2 API model 2019-09-27); unknown members are ignored, as SES does.
enum SendEmailReading {
    /// What validation needs to know of the content.
    private struct Content {
        var kinds = 0
        var submitted: SubmittedContent?
        var bytes = 0
        var base64: Range<Int>?
        var fault: String?
    }

    static func read(_ reader: inout JSONReader) throws(ServiceFailure) -> SendRequest {
        var submission = Submission()
        var content = Content()
        try reader.object { (name, reader) throws(ServiceFailure) in
            switch name {
            case "FromEmailAddress": submission.from = try reader.optionalString()
            case "ReplyToAddresses": submission.replyTo = try reader.strings()
            case "Destination": submission.destination = try reader.destination()
            case "EmailTags": submission.tags = try reader.tags()
            case "ConfigurationSetName": submission.configurationSet = try reader.optionalString()
            case "FromEmailAddressIdentityArn": submission.identityARN = try reader.optionalString()
            case "FeedbackForwardingEmailAddress": submission.feedbackAddress = try reader.optionalString()
            case "FeedbackForwardingEmailAddressIdentityArn":
                submission.feedbackIdentityARN = try reader.optionalString()
            case "Content": try read(&content, from: &reader)
            default: try reader.skip()
            }
        }
        try reader.end()
        submission.content = content.submitted
        submission.recipients = submission.destination.all
        try validate(&submission, content)
        return SendRequest(operation: .send, submissions: [submission])
    }

    private static func read(_ content: inout Content, from reader: inout JSONReader) throws(ServiceFailure) {
        if try reader.null() { return }
        try reader.object { (name, reader) throws(ServiceFailure) in
            switch name {
            case "Simple", "Raw", "Template":
                if try reader.null() { return }
                content.kinds += 1
                if name == "Simple" {
                    try readSimple(&content, from: &reader)
                } else if name == "Raw" {
                    try readRaw(&content, from: &reader)
                } else {
                    let value = try TemplateReading.read(&reader, fault: &content.fault)
                    content.submitted = SubmittedContent(kind: .template, body: reader.bytes, value: value)
                    content.bytes += value.count
                }
            default: try reader.skip()
            }
        }
    }

    private static func readSimple(_ content: inout Content, from reader: inout JSONReader) throws(ServiceFailure) {
        var hasSubject = false
        var hasBody = false
        let value = try reader.range { (reader) throws(ServiceFailure) in
            try reader.object { (name, reader) throws(ServiceFailure) in
                switch name {
                case "Subject": hasSubject = try reader.text()
                case "Body":
                    if try reader.null() { return }
                    try reader.object { (name, reader) throws(ServiceFailure) in
                        if name == "Text" || name == "Html" {
                            hasBody = try reader.text() || hasBody
                        } else {
                            try reader.skip()
                        }
                    }
                case "Headers": content.fault = try reader.headersFault() ?? content.fault
                case "Attachments": content.fault = try reader.attachmentsFault() ?? content.fault
                default: try reader.skip()
                }
            }
        }
        content.submitted = SubmittedContent(kind: .simple, body: reader.bytes, value: value)
        content.bytes += value.count
        if !hasSubject { content.fault = content.fault ?? "Missing required field Subject" }
        if !hasBody { content.fault = content.fault ?? "Missing required field Body" }
    }

    private static func readRaw(_ content: inout Content, from reader: inout JSONReader) throws(ServiceFailure) {
        try reader.object { (name, reader) throws(ServiceFailure) in
            guard name == "Data" else {
                try reader.skip()
                return
            }
            if try reader.null() { return }
            let inner = try reader.stringRange()
            content.base64 = inner
            let value = (inner.lowerBound - 1)..<(inner.upperBound + 1)
            content.submitted = SubmittedContent(kind: .raw, body: reader.bytes, value: value)
            content.bytes += inner.count
        }
        if content.base64 == nil { content.fault = "Missing required field Data" }
    }

    private static func validate(_ submission: inout Submission, _ content: Content) throws(ServiceFailure) {
        if content.bytes > SubmissionLimits.messageBytes {
            submission.refusal = .badRequest("Message length is more than \(SubmissionLimits.messageBytes) bytes long.")
        } else if let base64 = content.base64, let body = content.submitted?.body {
            // Only raw content without envelope has to be opened.
            if submission.from == nil || submission.recipients.isEmpty {
                guard let message = Base64.decode(body[base64]) else { throw Base64.failure }
                let headers = RawHeaders(message)
                if submission.recipients.isEmpty { submission.recipients = headers.recipients }
                if submission.from == nil, !headers.hasFrom {
                    submission.refusal = .badRequest("Missing final '@domain'")
                }
            } else if !Base64.isValid(body[base64]) {
                throw Base64.failure
            }
            if base64.isEmpty { submission.refusal = .badRequest("Raw message is empty") }
        } else if submission.from == nil {
            submission.refusal = .badRequest("From address is required")
        }
        if content.kinds != 1 {
            submission.refusal = .badRequest("Content must have exactly one of Simple, Raw and Template")
        } else if let fault = content.fault {
            submission.refusal = .badRequest(fault)
        }
        SubmissionLimits.check(&submission)
    }
}
