extension Problem.Code {
    /// Every code that there is. Each has a page of its own (api/problems.yaml); a test sees to it that none is missing.
    static let all: [Problem.Code] = [
        .invalidRequest, .invalidJSON, .invalidKey, .missingScope, .fromNotAllowed, .regionNotAllowed,
        .sourceNotAllowed, .tenantPaused, .notFound,
        .methodNotAllowed, .requestTimeout, .tooLate, .conflict, .idempotencyInProgress, .staleVersion, .eventsDropped,
        .contentRemoved, .contentSealed, .tooLarge, .unsupportedMediaType, .invalidMessage, .unknownRegion,
        .idempotencyKeyReused, .invalidShares,
        .invalidAccount, .invalidIdentity, .invalidTenant, .invalidKeySettings, .invalidWebhook, .invalidSuppression,
        .invalidTemplate, .invalidResume, .invalidResend, .invalidErasure, .invalidRetention, .invalidQuery,
        .versionRequired,
        .queueFull, .rateLimited, .dailyLimit, .internalError,
        .outcomeUnknown, .databaseUnavailable, .overloaded, .starting, .draining,
        // What the feedback side says to SNS.
        .notification("unknown_account", 404), .notification("bad_signature", 403), .notification("stale", 403),
        .notification("raw_delivery", 400), .notification("not_an_envelope", 400),
        .notification("topic_not_allowed", 403), .notification("bad_subscribe_url", 403),
    ]
}
