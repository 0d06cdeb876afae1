import HTTPTypes

extension Problem {
    /// The stable word for a kind of problem, with the status and the title that always go with it.
    struct Code: Hashable, Sendable {
        let name: String
        let status: HTTPResponse.Status
        let title: String

        private init(_ name: String, _ status: HTTPResponse.Status, _ title: String) {
            self.name = name
            self.status = status
            self.title = title
        }

        static let invalidRequest = Code("invalid_request", .badRequest, "The request cannot be understood")
        static let invalidJSON = Code("invalid_json", .badRequest, "The body is not well-formed JSON")
        static let invalidKey = Code("invalid_key", .unauthorized, "The API key is missing or not valid")
        static let missingScope = Code("missing_scope", .forbidden, "The API key does not allow this")
        static let fromNotAllowed = Code("from_not_allowed", .forbidden, "The sender's address is not allowed")
        static let regionNotAllowed = Code("region_not_allowed", .forbidden, "The API key does not allow the region")
        static let sourceNotAllowed = Code("source_not_allowed", .forbidden, "The API key does not work from there")
        static let tenantPaused = Code("tenant_paused", .forbidden, "The tenant is paused")
        static let notFound = Code("not_found", .notFound, "There is no such thing")
        static let methodNotAllowed = Code("method_not_allowed", .methodNotAllowed, "The method is not allowed here")
        static let requestTimeout = Code("request_timeout", .requestTimeout, "The request took too long to arrive")
        static let tooLate = Code("too_late", .conflict, "It is too late for that")
        static let conflict = Code("conflict", .conflict, "Something is in the way")
        static let idempotencyInProgress = Code(
            "idempotency_in_progress",
            .conflict,
            "A request with this key is under way"
        )
        static let staleVersion = Code("stale_version", .preconditionFailed, "It was changed meanwhile")
        static let eventsDropped = Code("events_dropped", .gone, "The events from there on are not kept any more")
        static let contentRemoved = Code("content_removed", .gone, "What the message said is not kept any more")
        static let contentSealed = Code(
            "content_sealed",
            .serviceUnavailable,
            "What the message says cannot be opened now"
        )
        static let tooLarge = Code("too_large", .contentTooLarge, "The message or the request is too large")
        static let unsupportedMediaType = Code(
            "unsupported_media_type",
            .unsupportedMediaType,
            "The body is of a type that is not accepted"
        )
        static let invalidMessage = Code("invalid_message", .unprocessableContent, "The message is not valid")
        static let unknownRegion = Code("unknown_region", .unprocessableContent, "The region is not known")
        static let idempotencyKeyReused = Code(
            "idempotency_key_reused",
            .unprocessableContent,
            "The key stands for another request"
        )
        static let invalidShares = Code("invalid_shares", .unprocessableContent, "The shares are not valid")
        static let invalidAccount = Code("invalid_account", .unprocessableContent, "The account is not valid")
        static let invalidTenant = Code("invalid_tenant", .unprocessableContent, "The tenant is not valid")
        static let invalidKeySettings = Code(
            "invalid_key_settings",
            .unprocessableContent,
            "What the key is to be is not valid"
        )
        static let invalidIdentity = Code("invalid_identity", .unprocessableContent, "The identity is not valid")
        static let invalidWebhook = Code("invalid_webhook", .unprocessableContent, "The webhook is not valid")
        static let invalidSuppression = Code(
            "invalid_suppression",
            .unprocessableContent,
            "The suppression is not valid"
        )
        static let invalidErasure = Code("invalid_erasure", .unprocessableContent, "The erasure is not valid")
        static let invalidRetention = Code("invalid_retention", .unprocessableContent, "The retention is not valid")
        static let invalidTemplate = Code("invalid_template", .unprocessableContent, "The template is not valid")
        static let invalidResume = Code(
            "invalid_resume",
            .unprocessableContent,
            "The request to resume is not valid"
        )
        static let invalidResend = Code(
            "invalid_resend",
            .unprocessableContent,
            "The request to send again is not valid"
        )
        static let invalidQuery = Code("invalid_query", .unprocessableContent, "The query is not valid")
        static let versionRequired = Code(
            "version_required",
            .preconditionRequired,
            "The version that is to be changed must be named"
        )
        static let queueFull = Code("queue_full", .tooManyRequests, "Too much is waiting")
        static let dailyLimit = Code(
            "daily_limit",
            .tooManyRequests,
            "The tenant's recipients of a day are used up"
        )
        static let rateLimited = Code("rate_limited", .tooManyRequests, "Too many requests")
        static let internalError = Code("internal", .internalServerError, "Something went wrong on our side")
        static let outcomeUnknown = Code(
            "outcome_unknown",
            .internalServerError,
            "It is not known whether it was accepted"
        )
        static let databaseUnavailable = Code(
            "database_unavailable",
            .serviceUnavailable,
            "The database cannot be reached"
        )
        static let overloaded = Code("overloaded", .serviceUnavailable, "The node has too much to do")
        static let starting = Code("starting", .serviceUnavailable, "The node is starting")
        static let draining = Code("draining", .serviceUnavailable, "The node is being stopped")

        /// What the feedback side names itself.
        static func notification(_ name: String, _ status: Int) -> Code {
            Code(name, HTTPResponse.Status(code: status), "The notification is not accepted")
        }
    }
}
