extension ServiceError {
    /// Whether the service thinks that the signature's date is wrong, and so did nothing.
    var blamesClock: Bool {
        guard status == 400 || status == 401 || status == 403, let code else { return false }
        let named = ["RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"].contains(code)
        let text = message ?? ""
        return named || text.contains("Signature expired") || text.contains("Signature not yet current")
    }

    /// Whether the service does not, or no longer, know the credentials, and so did nothing.
    var blamesCredentials: Bool {
        guard status == 400 || status == 401 || status == 403, let code else { return false }
        return [
            "ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId",
            "TokenRefreshRequired",
        ].contains(code)
    }
}
