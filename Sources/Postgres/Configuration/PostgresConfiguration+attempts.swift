extension PostgresConfiguration {
    /// How long one attempt may take.
    var attemptTimeout: Duration {
        if let seconds = keywords["connect_timeout"].flatMap(Int.init), seconds > 0 { return .seconds(seconds) }
        // A silent host must not hold up the way to the next.
        return namesSeveralHosts ? min(connectTimeout, .seconds(2)) : connectTimeout
    }

    /// The parameters of each connection attempt, in the order to make them: one host each.
    ///
    /// libpq would go through the hosts by itself, but in its non-blocking functions it knows no timeout, so that a
    /// host that accepts and stays silent would keep it from ever trying the next.
    var attempts: [[String: String]] {
        let base = keywords.merging(defaults) { theirs, _ in theirs }.merging(fixed) { _, ours in ours }
        let passes: [[String: String]]
        if base["target_session_attrs"] == "prefer-standby" {
            passes = ["standby", "any"].map { attributes in
                base.merging(["target_session_attrs": attributes]) { $1 }
            }
        } else {
            passes = [base]
        }
        let attempts = passes.flatMap(Self.splitHosts)
        return followsRole ? hostPreference.order(attempts) : attempts
    }

    /// Whether the one right host is wanted wherever it is. Otherwise the order of the hosts is the operator's wish, and
    /// the first is to be taken again as soon as it is back.
    var followsRole: Bool { !["any", "prefer-standby"].contains(sessionAttributes) }

    /// What holds unless the connection string says otherwise.
    private var defaults: [String: String] {
        [
            "application_name": applicationName,
            "target_session_attrs": sessionAttributes,
            // A peer that is gone without a word is noticed within about 6 s, whether data is under way or not.
            "keepalives": "1",
            "keepalives_idle": "3",
            "keepalives_interval": "1",
            "keepalives_count": "3",
            "tcp_user_timeout": "5000",
            "gssencmode": "disable",
        ]
    }

    /// What this module relies on.
    private var fixed: [String: String] {
        ["client_encoding": "UTF8", "options": serverOptions]
    }

    /// The session's settings in the form of the server's command line; those of the connection string come last and win.
    private var serverOptions: String {
        var pairs = [("TimeZone", "UTC"), ("jit", "off")]
        for (name, timeout) in [
            ("statement_timeout", statementTimeout),
            ("idle_in_transaction_session_timeout", idleInTransactionTimeout),
            ("lock_timeout", lockTimeout),
        ] {
            if let timeout { pairs.append((name, "\(timeout.wholeMilliseconds)")) }
        }
        pairs += settings.sorted { $0.key < $1.key }
        let ours = pairs.map { "-c \(Self.escaped($0))=\(Self.escaped($1))" }.joined(separator: " ")
        guard let theirs = keywords["options"], !theirs.isEmpty else { return ours }
        return ours + " " + theirs
    }

    /// The server splits its options at white space, unless a backslash stands before it (`pg_split_opts`).
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            if scalar == "\\" || scalar.properties.isWhitespace { escaped += "\\" }
            escaped.unicodeScalars.append(scalar)
        }
        return escaped
    }

    private static func splitHosts(_ parameters: [String: String]) -> [[String: String]] {
        func list(_ keyword: String) -> [String] {
            parameters[keyword].map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
                ?? []
        }
        let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        let count = max(hosts.count, addresses.count)
        let fits =
            [hosts, addresses].allSatisfy { $0.isEmpty || $0.count == count } && [0, 1, count].contains(ports.count)
        // libpq says best what is wrong with lists that do not fit each other.
        guard count > 1, fits else { return [parameters] }
        return (0..<count).map { index in
            var single = parameters
            if !hosts.isEmpty { single["host"] = hosts[index] }
            if !addresses.isEmpty { single["hostaddr"] = addresses[index] }
            if ports.count == count { single["port"] = ports[index] }
            return single
        }
    }
}

extension Duration {
    /// Rounded up, and at least 1, because 0 switches the server's timeouts off.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let fraction = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return max(1, seconds.multipliedReportingOverflow(by: 1000).partialValue + fraction)
    }
}
