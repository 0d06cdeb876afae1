import Directory
import Dispatching
import Feedback
import Gateway
import Outbound
import Postgres
import ServiceLifecycle
import Signing
import Telemetry

extension Node {
    /// What takes SES's word in, and what is done with a notification that SNS posts.
    func feedback(
        pool: PostgresPool,
        directory: DirectoryCache,
        tracer: Tracer?,
        readings: NodeReadings
    ) throws -> (services: [any Service], handling: FeedbackHandling) {
        let trusted = try TrustedCertificates.load(configuration.trustedCertificates)
        for certificate in trusted {
            readings.add(certificate: certificate.subject, until: certificate.validity.upperBound)
        }
        let http = try HTTPClient(logger: logger)
        let health = SourceHealth(pool: pool, logger: logger)
        let applier = FeedbackApplier(pool: pool, tracer: tracer, logger: logger)
        let intake = SNSIntake(
            directory: { directory.current },
            taker: applier,
            trusted: trusted,
            pool: pool,
            health: health,
            http: http,
            logger: logger
        )
        let poller = SQSPoller(
            directory: { directory.current },
            taker: applier,
            pool: pool,
            health: health,
            http: http,
            credentials: { [credentials, logger] account in
                AccountClient.credentials(of: account, settings: credentials, http: http, logger: logger)
            },
            logger: logger
        )
        let mirror = SuppressionMirror(pool: pool, directory: directory, logger: logger) {
            [credentials, logger] account in
            try AccountClient(account, settings: credentials, http: http, logger: logger).ses
        }
        let services: [any Service] = [
            HTTPClientService(client: http), health, applier, WaitingJoin(pool: pool, logger: logger),
            FeedbackHealth(
                pool: pool,
                directory: directory,
                missingAfter: configuration.feedbackMissingAfter,
                logger: logger
            ),
            mirror, poller,
        ]
        return (
            services,
            { delivery in
                let headers = delivery.headers.map { ($0.key, $0.value) }
                return switch await intake.handle(account: delivery.account, headers: headers, body: delivery.body) {
                case .accepted: .accepted
                case .refused(let status, let code, let detail): .refused(status: status, code: code, detail: detail)
                case .busy(let seconds): .busy(retryAfter: seconds)
                }
            }
        )
    }
}
