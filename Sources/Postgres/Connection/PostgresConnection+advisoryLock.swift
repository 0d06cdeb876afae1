extension PostgresConnection {
    /// Takes a lock that lasts until it is released or the session ends, unless another session has it.
    ///
    /// Not through a transaction pooler, which would leave the lock with a session of somebody else's. A lock taken
    /// twice must be released twice.
    public func tryAdvisoryLock(_ key: AdvisoryLockKey, timeout: Duration? = nil) async throws -> Bool {
        noteSessionState(true)
        return try await flag("SELECT pg_try_advisory_lock(\(key.arguments))", timeout: timeout)
    }

    /// Releases a lock of this session. Returns false when the session does not hold it.
    @discardableResult
    public func releaseAdvisoryLock(_ key: AdvisoryLockKey, timeout: Duration? = nil) async throws -> Bool {
        try await flag("SELECT pg_advisory_unlock(\(key.arguments))", timeout: timeout)
    }

    /// Takes the lock with that key of one part.
    public func tryAdvisoryLock(_ key: Int64, timeout: Duration? = nil) async throws -> Bool {
        try await tryAdvisoryLock(.single(key), timeout: timeout)
    }

    /// Takes the lock with that key of two parts.
    public func tryAdvisoryLock(_ first: Int32, _ second: Int32, timeout: Duration? = nil) async throws -> Bool {
        try await tryAdvisoryLock(.pair(first, second), timeout: timeout)
    }

    private func flag(_ sql: SQL, timeout: Duration?) async throws -> Bool {
        guard let row = try await query(sql, timeout: timeout).first else { return false }
        return try row.decode(Bool.self)
    }
}
