import Directory
import Gateway
import Outbox

/// The node's own keys of a configuration file (api.md, Configuration), after all layers.
struct NodeConfiguration: Sendable {
    enum Database: Equatable, Sendable {
        case url(String)
        /// Our own under `var/`; `dev` only.
        case own
    }

    enum Role: String, CaseIterable, Decodable, Sendable {
        case gateway, dispatch, feedback, webhooks
    }

    /// Where master keys are. With both, what is new is sealed under KMS's.
    struct Encryption: Equatable, Sendable {
        var keyFile: String?
        var kms: KMS?

        struct KMS: Equatable, Sendable {
            /// The key's ARN.
            var key: String
            /// Nil: AWS's own.
            var endpoint: String?
            var credentials: AccountDocument.Credentials?
        }
    }

    /// Where traces go, and how many.
    struct Tracing: Equatable, Sendable {
        /// The URL that takes OTLP over HTTP.
        var endpoint: String
        /// The part of the requests that is recorded, 0 to 1.
        var sample = 0.01
        /// Sent with each request; from the secrets directory.
        var headers: [Header] = []

        struct Header: Equatable, Sendable {
            let name: String
            let value: String
        }
    }

    /// Exceptions to what webhooks may reach.
    struct Webhooks: Equatable, Sendable {
        /// In CIDR notation.
        var allowNetworks: [String] = []
        var allowHTTP = false
    }

    var database: Database?
    var publicListener = ListenAddress(host: "127.0.0.1", port: 8080)
    var operatorListener = ListenAddress(host: "127.0.0.1", port: 8081)
    /// Where the public listener is reached from outside, without a path; nil: bulk mail has no link to unsubscribe.
    var publicURL: String?
    var roles = Role.allCases
    /// Whose `X-Forwarded-For` counts.
    var trustedProxies: SourceNetworks?
    var webhooks = Webhooks()
    var unknownGrace = Duration.seconds(120)
    var shutdownGrace = Duration.seconds(20)
    /// Keys under which bodies and secrets are sealed; nil: they are not.
    var encryption: Encryption?
    /// Nil: no traces are recorded.
    var tracing: Tracing?
    /// How long bodies, messages and events are kept.
    var retention = Retention()
    /// Name servers that are asked about tenants' domains; none: those of `/etc/resolv.conf`.
    var nameservers: [String] = []
    /// PEM files of certificates that SNS's notifications may be signed with, besides Amazon's own.
    var trustedCertificates: [String] = []
    /// How long after a send some word of SES's should have come.
    var feedbackMissingAfter = Duration.seconds(900)
}
