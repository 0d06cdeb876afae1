extension HTTPClient {
    /// Settings that hold for every call of a client.
    public struct Configuration: Sendable {
        /// Connections open at once, idle ones included.
        public var maxConnections: Int

        /// Connections open at once to one host and port. A call beyond them waits, which counts as connecting.
        public var maxConnectionsPerHost: Int

        /// Calls in libcurl's hands at once; more wait in order.
        public var maxConcurrentTransfers: Int

        /// A connection idle for longer is not used again (whole seconds). Keep it below the peer's idle timeout: a
        /// request that meets a closing connection has an unknown fate.
        public var connectionMaxIdle: Duration

        /// A PEM file of the certificate authorities to trust in place of the system's.
        public var caFile: String?

        /// Sent where a request has no `User-Agent`.
        public var userAgent: String?

        public init(
            maxConnections: Int = 1024,
            maxConnectionsPerHost: Int = 1024,
            maxConcurrentTransfers: Int = 1024,
            connectionMaxIdle: Duration = .seconds(20),
            caFile: String? = nil,
            userAgent: String? = "sluice"
        ) {
            self.maxConnections = maxConnections
            self.maxConnectionsPerHost = maxConnectionsPerHost
            self.maxConcurrentTransfers = maxConcurrentTransfers
            self.connectionMaxIdle = connectionMaxIdle
            self.caFile = caFile
            self.userAgent = userAgent
        }
    }
}
