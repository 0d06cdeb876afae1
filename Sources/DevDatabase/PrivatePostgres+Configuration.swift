extension PrivatePostgres {
    /// What a commit survives.
    public enum Durability: Sendable {
        /// A crash of the machine (`fsync` on).
        case full
        /// A crash of the server, not of the machine; for tests, which it makes faster.
        case none
    }

    /// How the server is to end.
    public enum StopMode: Sendable {
        /// Connections are closed, a checkpoint is written (SIGINT).
        case fast
        /// At once, without a checkpoint: the next start recovers (SIGQUIT).
        case immediate
    }

    /// How the server is made and started.
    public struct Configuration: Sendable {
        /// Holds the data and the server's log; made when absent.
        public var folder: String
        public var durability: Durability
        public var maxConnections: Int
        /// In PostgreSQL's units, such as `128MB`.
        public var sharedBuffers: String
        /// Further server settings by name.
        public var settings: [String: String]
        /// How long a start may take, recovery after a crash included.
        public var startTimeout: Duration

        public init(
            folder: String,
            durability: Durability = .full,
            maxConnections: Int = 100,
            sharedBuffers: String = "128MB",
            settings: [String: String] = [:],
            startTimeout: Duration = .seconds(60)
        ) {
            self.folder = folder
            self.durability = durability
            self.maxConnections = maxConnections
            self.sharedBuffers = sharedBuffers
            self.settings = settings
            self.startTimeout = startTimeout
        }

        /// The server's command line settings, in a fixed order.
        func serverArguments(socketFolder: String) -> [String] {
            var values = [
                ("listen_addresses", ""),
                ("unix_socket_directories", socketFolder),
                ("unix_socket_permissions", "0700"),
                ("port", "5432"),
                ("max_connections", "\(maxConnections)"),
                ("shared_buffers", sharedBuffers),
                ("logging_collector", "off"),
                ("log_destination", "stderr"),
                ("log_checkpoints", "off"),
                ("log_timezone", "UTC"),
                ("timezone", "UTC"),
            ]
            if durability == .none {
                values += [("fsync", "off"), ("full_page_writes", "off")]
            }
            values += settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            return values.flatMap { ["-c", "\($0.0)=\($0.1)"] }
        }
    }
}
