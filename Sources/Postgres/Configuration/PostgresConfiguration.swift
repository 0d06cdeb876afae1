/// Where the server is and how a session with it is set up. Shows itself without passwords.
public struct PostgresConfiguration: Sendable {
    /// What the connection string sets, by libpq keyword. May hold the password.
    let keywords: [String: String]
    let hostPreference = HostPreference()

    /// Shown in `pg_stat_activity`, unless the connection string says otherwise.
    public var applicationName = "sluice"
    /// How long one host may take to accept a connection, unless the string has `connect_timeout`; two seconds at most where
    /// the string names several.
    public var connectTimeout: Duration = .seconds(5)
    /// Server side limit of one statement; `nil` leaves it to the server. A statement that has no timeout of its own is
    /// given up 10 s later at this end too, because a server that is frozen keeps no time.
    public var statementTimeout: Duration? = .seconds(30)
    /// After this long idle inside a transaction the server ends the session; `nil` leaves it to the server.
    public var idleInTransactionTimeout: Duration? = .seconds(10)
    /// How long the server waits for a lock; `nil` leaves it to the server.
    public var lockTimeout: Duration?
    /// How long the commit of a transaction may take, as long as a single statement. Afterwards its outcome is unknown and the
    /// connection is given up, so that commits that wait for a missing standby do not keep all connections for good. `nil`:
    /// no limit.
    public var commitTimeout: Duration? = .seconds(40)
    /// How long a statement has to end after its cancellation was asked for, before the connection is given up.
    public var cancellationGrace: Duration = .seconds(2)
    /// How many prepared statements a connection keeps.
    public var statementLimit = 256
    /// More settings for the session, such as `search_path`, by name.
    public var settings: [String: String] = [:]

    /// Takes a connection URL or keyword string as libpq does (PostgreSQL documentation, 34.1.1), several hosts,
    /// `target_session_attrs` and socket folders included. What it leaves out comes from libpq's environment variables.
    ///
    /// Unless the string says otherwise, `target_session_attrs` is `read-write`: of several hosts, the primary is followed.
    /// All connections with copies of this configuration begin with the host that was right last time; when that one fails,
    /// all are asked, and of several that take writes the one on the highest timeline is taken, because the others were
    /// replaced by it. A server on a lower timeline than one that was used before is refused. While a host does not answer,
    /// which may be the one that has replaced the others, all are asked again every few seconds.
    ///
    /// Hosts count as several only where the string itself names them: a list in `PGHOST` or in a service file is libpq's affair,
    /// which takes the first that takes writes.
    /// - Throws: ``PostgresError`` of code `.configuration`.
    public init(_ connectionString: String) throws {
        keywords = try ConnectionString.parse(connectionString)
    }

    /// What `target_session_attrs` is.
    public var sessionAttributes: String { keywords["target_session_attrs"] ?? "read-write" }

    /// Whether the string names more than one host.
    public var namesSeveralHosts: Bool {
        ["host", "hostaddr"].contains { keywords[$0]?.contains(",") == true }
    }

    /// When to give up on a statement that the caller sets no time for.
    var responseTimeout: Duration? {
        statementTimeout.map { $0 + .seconds(10) }
    }

    /// The connection string without anything that could be secret.
    public var redactedDescription: String {
        Self.harmlessKeywords.compactMap { keyword in
            keywords[keyword].map { "\(keyword)=\($0)" }
        }
        .joined(separator: " ")
    }

    /// A list of what may be shown rather than of what may not, so that a keyword of a later libpq stays hidden.
    private static let harmlessKeywords = [
        "host", "hostaddr", "port", "dbname", "user", "application_name", "sslmode", "target_session_attrs", "service",
    ]
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { redactedDescription }
    public var debugDescription: String { redactedDescription }
    public var customMirror: Mirror { Mirror(self, children: ["connection": redactedDescription]) }
}
