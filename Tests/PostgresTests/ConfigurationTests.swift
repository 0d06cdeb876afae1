import Testing

@testable import Postgres

@Suite struct ConfigurationTests {
    @Test func urlsAndKeywordStringsAreRead() throws {
        let url = try PostgresConfiguration("postgresql://me:s3cret@db.example:5433/mail?sslmode=require")
        #expect(url.keywords["host"] == "db.example")
        #expect(url.attempts.count == 1)
        #expect(url.attempts[0]["password"] == "s3cret")
        #expect(url.attempts[0]["application_name"] == "sluice")
        #expect(url.attempts[0]["client_encoding"] == "UTF8")
        let words = try PostgresConfiguration(
            "host=/run/postgresql user=me application_name='my own' keepalives_idle=60"
        )
        #expect(words.attempts[0]["host"] == "/run/postgresql")
        #expect(words.attempts[0]["application_name"] == "my own")
        #expect(words.attempts[0]["keepalives_idle"] == "60")
        #expect(try PostgresConfiguration("").attempts.count == 1)
    }

    @Test func passwordsAreNeverShown() throws {
        let configuration = try PostgresConfiguration(
            "host=h user=me password=s3cret sslpassword=hidden options='-c x.y=private' dbname=mail"
        )
        var shown = "\(configuration) \(String(reflecting: configuration)) \(configuration.redactedDescription)"
        dump(configuration, to: &shown)
        #expect(shown.contains("host=h"))
        #expect(shown.contains("dbname=mail"))
        for secret in ["s3cret", "hidden", "private"] { #expect(!shown.contains(secret)) }
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration("postgres://me:s3 cret@[h/mail") }
        #expect(error?.code == .configuration)
        #expect(error.map { "\($0)" }?.contains("cret") == false)
    }

    @Test func eachHostIsAnAttemptOfItsOwn() throws {
        let two = try PostgresConfiguration("postgres://a:1,b:2/mail?target_session_attrs=read-write")
        #expect(two.attempts.map { $0["host"] } == ["a", "b"])
        #expect(two.attempts.map { $0["port"] } == ["1", "2"])
        #expect(two.attempts.allSatisfy { $0["target_session_attrs"] == "read-write" })
        let onePort = try PostgresConfiguration("host=a,b,c port=6432")
        #expect(onePort.attempts.map { $0["port"] } == ["6432", "6432", "6432"])
        let addresses = try PostgresConfiguration("hostaddr=10.0.0.1,10.0.0.2 host=a,b")
        #expect(addresses.attempts.map { $0["hostaddr"] } == ["10.0.0.1", "10.0.0.2"])
        let unfit = try PostgresConfiguration("host=a,b port=1,2,3")
        #expect(unfit.attempts.map { $0["host"] } == ["a,b"])
        let standby = try PostgresConfiguration("host=a,b target_session_attrs=prefer-standby")
        #expect(
            standby.attempts.map { "\($0["host"] ?? "") \($0["target_session_attrs"] ?? "")" } == [
                "a standby", "b standby", "a any", "b any",
            ]
        )
    }

    @Test func theHostThatWasRightComesFirst() throws {
        let configuration = try PostgresConfiguration("host=a,b,c target_session_attrs=read-write")
        let copy = configuration
        configuration.hostPreference.note(configuration.attempts[1], timeline: nil, .certain)
        #expect(copy.attempts.map { $0["host"] } == ["b", "a", "c"])
        // Where any will do the operator's order is the wish.
        let ordered = try PostgresConfiguration("host=a,b target_session_attrs=any")
        ordered.hostPreference.note(ordered.attempts[1], timeline: nil, .certain)
        #expect(ordered.attempts.map { $0["host"] } == ["a", "b"])
    }

    @Test func thePrimaryIsWantedUnlessTheStringSaysOtherwise() throws {
        let plain = try PostgresConfiguration("postgres://me@/mail?host=/run/a,/run/b")
        #expect(plain.namesSeveralHosts)
        #expect(plain.attempts.map { $0["host"] } == ["/run/a", "/run/b"])
        #expect(plain.attempts.allSatisfy { $0["target_session_attrs"] == "read-write" })
        let any = try PostgresConfiguration("host=a,b target_session_attrs=any")
        #expect(any.attempts.allSatisfy { $0["target_session_attrs"] == "any" })
        #expect(try !PostgresConfiguration("host=a").namesSeveralHosts)
    }

    @Test func aHostIsTrustedUntilASessionBreaks() throws {
        let configuration = try PostgresConfiguration("host=a,b")
        let preference = configuration.hostPreference
        let attempts = configuration.attempts
        #expect(!preference.isSure(of: attempts[0]))
        preference.note(attempts[1], timeline: 2, .certain)
        #expect(preference.isSure(of: attempts[1]) && !preference.isSure(of: attempts[0]))
        #expect(preference.isOutdated(1) && !preference.isOutdated(2) && !preference.isOutdated(nil))
        preference.doubt()
        #expect(!preference.isSure(of: attempts[1]))
        preference.note(attempts[0], timeline: 3, .certain)
        #expect(preference.isSure(of: attempts[0]) && preference.isOutdated(2))
        // What a late session found does not lower what is known.
        preference.note(attempts[1], timeline: 2, .certain)
        #expect(preference.timeline == 3)
    }

    @Test func allHostsAreAskedAgainWhileOneDoesNotAnswer() throws {
        let configuration = try PostgresConfiguration("host=a,b,c")
        let preference = configuration.hostPreference
        let attempts = configuration.attempts
        let now = ContinuousClock.now
        preference.note(attempts[0], answered: false)
        #expect(configuration.attempts.map { $0["host"] } == ["b", "c", "a"])
        preference.note(attempts[1], timeline: 1, .doubtful, now: now)
        #expect(preference.isSure(of: attempts[1], now: now) && !preference.isTimeToAsk(now: now))
        // Who asked nobody else knows no more than before.
        preference.note(attempts[1], timeline: 1, nil, now: now + .seconds(4))
        #expect(!preference.isSure(of: attempts[1], now: now + .seconds(5)))
        #expect(preference.isTimeToAsk(now: now + .seconds(5)) && !preference.isTimeToAsk(now: now + .seconds(5)))
        #expect(preference.isTimeToAsk(now: now + .seconds(10)))
        preference.note(attempts[0], answered: true)
        preference.note(attempts[1], timeline: 1, .certain, now: now + .seconds(10))
        #expect(preference.isSure(of: attempts[1], now: now + .seconds(999)))
        #expect(!preference.isTimeToAsk(now: now + .seconds(999)))
        #expect(configuration.attempts.map { $0["host"] } == ["b", "a", "c"])
        // The one that was right before comes last as well when it is silent.
        preference.note(attempts[1], answered: false)
        #expect(configuration.attempts.map { $0["host"] } == ["a", "c", "b"])
    }

    @Test func settingsReachTheServer() throws {
        var configuration = try PostgresConfiguration("options='-c work_mem=1MB'")
        configuration.statementTimeout = .microseconds(1500)
        configuration.idleInTransactionTimeout = nil
        configuration.lockTimeout = .seconds(2)
        configuration.settings = ["search_path": #"a, "b\c""#]
        #expect(
            configuration.attempts[0]["options"]
                == #"-c TimeZone=UTC -c jit=off -c statement_timeout=2 -c lock_timeout=2000"#
                + #" -c search_path=a,\ "b\\c" -c work_mem=1MB"#
        )
        let plain = try PostgresConfiguration("connect_timeout=9")
        #expect(plain.attemptTimeout == .seconds(9))
        #expect(try PostgresConfiguration("").attemptTimeout == .seconds(5))
        #expect(try PostgresConfiguration("host=a,b").attemptTimeout == .seconds(2))
        #expect(try PostgresConfiguration("postgres://a,b/x?connect_timeout=9").attemptTimeout == .seconds(9))
    }

    @Test func theServerTakesTheSettings() async throws {
        try await withConnection {
            $0.settings = ["search_path": "pg_catalog, public"]
            $0.statementTimeout = .seconds(7)
            $0.applicationName = "a test"
        } _: { connection in
            for (name, value) in [
                ("search_path", "pg_catalog, public"), ("statement_timeout", "7s"), ("TimeZone", "UTC"), ("jit", "off"),
                ("application_name", "a test"), ("client_encoding", "UTF8"),
                ("idle_in_transaction_session_timeout", "10s"),
            ] {
                try await expect("SELECT current_setting(\(name))", value, connection)
            }
        }
    }
}
