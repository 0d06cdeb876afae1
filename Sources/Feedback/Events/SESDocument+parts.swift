import Coding
import Foundation
import SES

extension SESDocument {
    struct Mail: Decodable {
        let timestamp: String?
        let messageID: String?
        let source: String?
        let destination: [String]
        /// Identity notifications have none; event publishing has SES's own at least.
        let hasTags: Bool
        let outboxID: String?
        /// The value of our tag for the attempt.
        let attempt: Int16?

        private enum Keys: String, CodingKey {
            case timestamp, source, destination, tags
            case messageID = "messageId"
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Keys.self)
            timestamp = members.text(.timestamp)
            messageID = members.text(.messageID)
            source = members.text(.source)
            destination = members.elements(.destination)
            let tags = try? members.nestedContainer(keyedBy: MemberName.self, forKey: .tags)
            hasTags = tags?.allKeys.isEmpty == false
            let values: [String]? = tags?.part(MemberName(stringValue: SESTag.outboxIDName))
            outboxID = values?.first
            let attempts: [String]? = tags?.part(MemberName(stringValue: SESTag.attemptName))
            attempt = attempts?.first.flatMap { Int16($0) }
        }
    }

    /// Somebody whom an event is about.
    struct Recipient: Decodable {
        let address: String
        let status: String?
        let diagnosticCode: String?

        private enum Keys: String, CodingKey {
            case status, diagnosticCode
            case address = "emailAddress"
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Keys.self)
            address = try members.decode(String.self, forKey: .address)
            status = members.text(.status)
            diagnosticCode = members.text(.diagnosticCode)
        }
    }

    struct Bounce: Decodable {
        let type: String?
        let subType: String?
        let recipients: [Recipient]
        let timestamp: String?
        let feedbackID: String?
        let reportingMTA: String?

        private enum Keys: String, CodingKey {
            case timestamp, reportingMTA
            case type = "bounceType"
            case subType = "bounceSubType"
            case recipients = "bouncedRecipients"
            case feedbackID = "feedbackId"
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Keys.self)
            type = members.text(.type)
            subType = members.text(.subType)
            recipients = members.elements(.recipients)
            timestamp = members.text(.timestamp)
            feedbackID = members.text(.feedbackID)
            reportingMTA = members.text(.reportingMTA)
        }
    }

    struct Complaint: Decodable {
        let recipients: [Recipient]
        let timestamp: String?
        let feedbackID: String?
        let feedbackType: String?
        let subType: String?
        let userAgent: String?
        let arrivalDate: String?

        private enum Keys: String, CodingKey {
            case timestamp, userAgent, arrivalDate
            case recipients = "complainedRecipients"
            case feedbackID = "feedbackId"
            case feedbackType = "complaintFeedbackType"
            case subType = "complaintSubType"
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Keys.self)
            recipients = members.elements(.recipients)
            timestamp = members.text(.timestamp)
            feedbackID = members.text(.feedbackID)
            feedbackType = members.text(.feedbackType)
            subType = members.text(.subType)
            userAgent = members.text(.userAgent)
            arrivalDate = members.text(.arrivalDate)
        }
    }

    struct Delivery: Decodable {
        let timestamp: String?
        let recipients: [String]
        let processingTime: Int?
        let smtpResponse: String?
        let reportingMTA: String?

        private enum Keys: String, CodingKey {
            case timestamp, recipients, smtpResponse, reportingMTA
            case processingTime = "processingTimeMillis"
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Keys.self)
            timestamp = members.text(.timestamp)
            recipients = members.elements(.recipients)
            processingTime = members.part(.processingTime)
            smtpResponse = members.text(.smtpResponse)
            reportingMTA = members.text(.reportingMTA)
        }
    }

    struct Delay: Decodable {
        let timestamp: String?
        let type: String?
        let expirationTime: String?
        let recipients: [Recipient]

        private enum Keys: String, CodingKey {
            case timestamp, expirationTime
            case type = "delayType"
            case recipients = "delayedRecipients"
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Keys.self)
            timestamp = members.text(.timestamp)
            type = members.text(.type)
            expirationTime = members.text(.expirationTime)
            recipients = members.elements(.recipients)
        }
    }

    struct Reject: Decodable {
        let reason: String?

        private enum Keys: String, CodingKey { case reason }

        init(from decoder: any Decoder) throws {
            reason = try decoder.container(keyedBy: Keys.self).text(.reason)
        }
    }

    struct Failure: Decodable {
        let message: String?
        let template: String?

        private enum Keys: String, CodingKey {
            case message = "errorMessage"
            case template = "templateName"
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Keys.self)
            message = members.text(.message)
            template = members.text(.template)
        }
    }

    /// An `open` or a `click`.
    struct Engagement: Decodable {
        let timestamp: String?
        let ipAddress: String?
        let userAgent: String?
        let link: String?
        let linkTags: [String: [String]]?

        private enum Keys: String, CodingKey { case timestamp, ipAddress, userAgent, link, linkTags }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Keys.self)
            timestamp = members.text(.timestamp)
            ipAddress = members.text(.ipAddress)
            userAgent = members.text(.userAgent)
            link = members.text(.link)
            linkTags = members.part(.linkTags)
        }
    }
}
