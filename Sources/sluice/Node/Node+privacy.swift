import AWS
import Directory
import Logging
import Outbound
import Outbox
import Postgres
import Sealing
import ServiceLifecycle
import Telemetry

/// What seals mail on this node, and knows what stands for erased addresses.
struct PrivacyParts {
    let vault: Vault
    let pseudonyms: Pseudonyms

    /// - Parameter http: for KMS.
    init(
        _ encryption: NodeConfiguration.Encryption?,
        pool: PostgresPool,
        settings: CredentialSettings,
        http: HTTPClient,
        logger: Logger
    ) throws {
        let masters = try encryption.flatMap { try Self.keys($0, settings: settings, http: http, logger: logger) }
        vault = Vault(pool: pool, masters: masters, logger: logger)
        pseudonyms = Pseudonyms(pool: pool, vault: vault)
    }

    private static func keys(
        _ encryption: NodeConfiguration.Encryption,
        settings: CredentialSettings,
        http: HTTPClient,
        logger: Logger
    ) throws -> MasterKeys? {
        do throws(SealingError) {
            var file: KeyFile?
            if let path = encryption.keyFile { file = try KeyFile(path: path) }
            var key: KMSKey?
            if let kms = encryption.kms {
                let selection: CredentialSelection =
                    switch kms.credentials {
                    case .profile(let name): .profile(name)
                    case .role(let arn): .role(arn: arn)
                    case nil: .chain
                    }
                key = try KMSKey(
                    arn: kms.key,
                    endpoint: kms.endpoint,
                    selection: selection,
                    settings: settings,
                    http: http,
                    logger: logger
                )
            }
            return MasterKeys(file: file, kms: key)
        } catch {
            throw CommandFailure("encryption: \(error)")
        }
    }
}

extension Node {
    /// The parts, and the services that keep them: keys fresh, erasures going, tenants' own retention met.
    func privacy(pool: PostgresPool, readiness: Readiness) throws -> (parts: PrivacyParts, services: [any Service]) {
        let http = try HTTPClient(logger: logger)
        let parts = try PrivacyParts(
            configuration.encryption,
            pool: pool,
            settings: credentials,
            http: http,
            logger: logger
        )
        return (
            parts,
            [
                HTTPClientService(client: http),
                VaultKeeper(vault: parts.vault, logger: logger) { trouble in
                    readiness.set("encryption", trouble.map { HealthReport.Check.failing($0.message) } ?? .passing)
                },
                ErasureRunner(pool: pool, logger: logger),
                RetentionKeeper(pool: pool, pseudonyms: parts.pseudonyms, logger: logger),
            ]
        )
    }
}
