import Logging
import Outbound

/// The HTTP client that tests share.
enum TestHTTP {
    static let client: HTTPClient = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        do {
            return try HTTPClient(logger: logger)
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// A log that nobody reads.
    static let quiet: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()
}
