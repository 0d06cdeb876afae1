import Coding
import Directory
import Gateway
import Outbound
import Outbox

/// A configuration file as it stands: the node's keys, and the directory's documents. Unknown keys are refused.
struct ConfigurationFile: Decodable, Sendable {
    let node: NodeConfiguration
    let directory: DirectoryDocument

    private enum Keys: String, CodingKey, CaseIterable {
        case database, listen, roles, webhooks, feedback, encryption, retention, dns, tracing, accounts,
            tenants
        case publicURL = "public_url"
        case trustedProxies = "trusted_proxies"
        case unknownGrace = "unknown_grace"
        case shutdownGrace = "shutdown_grace"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        var node = NodeConfiguration()
        node.database = try members.decodeIfPresent(DatabaseDocument.self, forKey: .database)?.database
        if let listen = try members.decodeIfPresent(ListenDocument.self, forKey: .listen) {
            node.publicListener = listen.publicListener ?? node.publicListener
            node.operatorListener = listen.operatorListener ?? node.operatorListener
        }
        node.roles = try members.decodeIfPresent([NodeConfiguration.Role].self, forKey: .roles) ?? node.roles
        if let grace = try members.decodeIfPresent(DurationText.self, forKey: .unknownGrace) {
            node.unknownGrace = grace.duration
        }
        if let grace = try members.decodeIfPresent(DurationText.self, forKey: .shutdownGrace) {
            node.shutdownGrace = grace.duration
        }
        node.publicURL = try members.decodeIfPresent(PublicURL.self, forKey: .publicURL)?.text
        if let proxies = try members.decodeIfPresent([String].self, forKey: .trustedProxies) {
            node.trustedProxies = try Self.networks(proxies, at: members.codingPath + [Keys.trustedProxies])
        }
        if let webhooks = try members.decodeIfPresent(WebhooksDocument.self, forKey: .webhooks) {
            node.webhooks = webhooks.webhooks
        }
        if let feedback = try members.decodeIfPresent(FeedbackDocument.self, forKey: .feedback) {
            node.trustedCertificates = feedback.trustedCertificates
            node.feedbackMissingAfter = feedback.missingAfter ?? node.feedbackMissingAfter
        }
        node.encryption = try members.decodeIfPresent(EncryptionDocument.self, forKey: .encryption)?.encryption
        if let retention = try members.decodeIfPresent(RetentionDocument.self, forKey: .retention) {
            node.retention = retention.retention
        }
        node.nameservers = try members.decodeIfPresent(DNSDocument.self, forKey: .dns)?.nameservers ?? []
        node.tracing = try members.decodeIfPresent(TracingDocument.self, forKey: .tracing)?.tracing
        self.node = node
        directory = DirectoryDocument(
            accounts: try members.decodeIfPresent([AccountDocument].self, forKey: .accounts) ?? [],
            tenants: try members.decodeIfPresent([TenantDocument].self, forKey: .tenants) ?? []
        )
    }

    /// Addresses and networks in CIDR notation.
    private static func networks(_ entries: [String], at path: [any CodingKey]) throws -> SourceNetworks? {
        let networks = try entries.enumerated().map { index, entry -> String in
            guard let network = SourceNetworks.entry(entry) else {
                throw DecodingError.dataCorrupted(
                    .init(
                        codingPath: path + [MemberName(intValue: index)],
                        debugDescription: "must be an address or a network such as 10.0.0.0/8"
                    )
                )
            }
            return network
        }
        return SourceNetworks(networks)
    }
}

private struct DatabaseDocument: Decodable {
    let database: NodeConfiguration.Database

    private enum Keys: String, CodingKey, CaseIterable {
        case url
    }

    init(from decoder: any Decoder) throws {
        if let word = try? decoder.singleValueContainer().decode(String.self) {
            guard word == "private" else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "must be {url: ...} or private")
                )
            }
            database = .own
            return
        }
        database = .url(try decoder.strictContainer(keyedBy: Keys.self).decode(String.self, forKey: .url))
    }
}

private struct ListenDocument: Decodable {
    let publicListener: ListenAddress?
    let operatorListener: ListenAddress?

    private enum Keys: String, CodingKey, CaseIterable {
        case publicListener = "public"
        case operatorListener = "operator"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        func address(_ key: Keys) throws -> ListenAddress? {
            guard let text = try members.decodeIfPresent(String.self, forKey: key) else { return nil }
            guard let address = try? ListenAddress(parsing: text) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key,
                    in: members,
                    debugDescription: "must be host:port, such as 127.0.0.1:8080"
                )
            }
            return address
        }
        publicListener = try address(.publicListener)
        operatorListener = try address(.operatorListener)
    }
}

private struct WebhooksDocument: Decodable {
    let webhooks: NodeConfiguration.Webhooks

    private enum Keys: String, CodingKey, CaseIterable {
        case allowNetworks = "allow_networks"
        case allowHTTP = "allow_http"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        webhooks = NodeConfiguration.Webhooks(
            allowNetworks: try members.decodeIfPresent([String].self, forKey: .allowNetworks) ?? [],
            allowHTTP: try members.decodeIfPresent(Bool.self, forKey: .allowHTTP) ?? false
        )
    }
}

private struct FeedbackDocument: Decodable {
    let trustedCertificates: [String]
    let missingAfter: Duration?

    private enum Keys: String, CodingKey, CaseIterable {
        case trustedCertificates = "trusted_certificates"
        case missingAfter = "missing_after"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        trustedCertificates = try members.decodeIfPresent([String].self, forKey: .trustedCertificates) ?? []
        missingAfter = try members.decodeIfPresent(DurationText.self, forKey: .missingAfter)?.duration
    }
}

private struct DNSDocument: Decodable {
    let nameservers: [String]

    private enum Keys: String, CodingKey, CaseIterable {
        case nameservers
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        nameservers = try members.decodeIfPresent([String].self, forKey: .nameservers) ?? []
        do throws(DNSResolver.InvalidServer) {
            _ = try DNSResolver(servers: nameservers)
        } catch {
            throw DecodingError.dataCorruptedError(
                forKey: .nameservers,
                in: members,
                debugDescription: error.description
            )
        }
    }
}

private struct RetentionDocument: Decodable {
    let retention: Retention

    private enum Keys: String, CodingKey, CaseIterable {
        case bodies, messages, events
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        func duration(_ key: Keys, _ standard: Duration, least: Duration, _ words: String) throws -> Duration {
            let duration = try members.decodeIfPresent(DurationText.self, forKey: key)?.duration ?? standard
            guard duration >= least else {
                throw DecodingError.dataCorruptedError(
                    forKey: key,
                    in: members,
                    debugDescription: "must be at least \(words)"
                )
            }
            return duration
        }
        let standard = Retention()
        retention = Retention(
            bodies: try duration(.bodies, standard.bodies, least: Retention.leastBodies, "1d"),
            messages: try duration(.messages, standard.messages, least: Retention.leastMessages, "3d"),
            events: try duration(.events, standard.events, least: Retention.leastEvents, "7d")
        )
        guard retention.bodies <= retention.messages else {
            throw DecodingError.dataCorruptedError(
                forKey: .bodies,
                in: members,
                debugDescription: "must not be kept longer than messages"
            )
        }
    }
}
