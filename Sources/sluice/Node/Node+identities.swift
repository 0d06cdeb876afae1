import AWS
import Directory
import Dispatching
import Identities
import Outbound
import Postgres
import ServiceLifecycle

extension Node {
    /// What keeps the state of tenants' senders fresh. Nodes that send have the credentials to ask SES.
    func identities(pool: PostgresPool, directory: DirectoryCache) throws -> [any Service] {
        let http = try HTTPClient(logger: logger)
        let verifier = IdentityVerifier(
            pool: pool,
            directory: directory,
            dns: try DNSResolver(servers: configuration.nameservers),
            logger: logger
        ) { [credentials, logger] account in
            try AccountClient(account, settings: credentials, http: http, logger: logger).ses
        }
        return [HTTPClientService(client: http), verifier]
    }
}
