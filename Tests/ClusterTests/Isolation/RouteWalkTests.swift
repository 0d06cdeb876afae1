import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// Every operation of the served document is asked for what is another tenant's. A route that is added is walked by itself;
    /// where the walk has nothing to ask it for, it fails with its name.
    @Suite("Tenants among each other") struct RouteWalkTests {
        /// What is asked without a key, so that none is left out of the walk unnoticed.
        private static let open: Set<String> = [
            "GET /docs", "GET /docs/problems", "GET /docs/problems/{code}", "GET /docs/{page}", "GET /healthz",
            "GET /livez", "GET /openapi.json", "GET /readyz", "GET /u/{token}", "POST /feedback/sns/{account}",
            "POST /u/{token}",
        ]

        @Test("With whatever key, nothing of another tenant is seen or touched", .timeLimit(.minutes(10)))
        func walk() async throws {
            try await Cluster.with(Neighbourhood.plan) { cluster in
                let place = try await Neighbourhood(cluster)
                let all = try await ServedOperation.all(of: place.node.url)
                #expect(Set(all.filter { $0.scheme != "tenant_key" }.map(\.description)) == Self.open)
                try await place.expectOwnerFindsAll()
                let before = try await StoredRows.atRest([Neighbourhood.owner], in: cluster)
                for table in Self.filled { #expect(before.tables[table] != nil, "the owner has nothing in \(table)") }

                try await place.askWithNothing(place.strangersTests)
                for caller in [place.stranger, place.strangersTests] {
                    let codes: Set = ["not_found"]
                    try await place.askForObjects(
                        caller,
                        codes: caller.name == place.stranger.name ? codes : codes.union(["missing_scope"])
                    )
                    try await place.askByQuery(caller)
                    try await place.askByBody(caller)
                    try await place.askForWhatIsOwn(caller)
                }
                try await place.haveTheSame(place.stranger)
                try await place.askWithOneScope()
                try await place.askWithTheOtherKey()
                try await place.expectUnchanged(before)

                try await place.askWithHostileWords(place.stranger)
                try await place.askWithBadBodies(place.stranger)
                try await place.expectUnchanged(before)
                // Makes a key of the owner's, and revokes it.
                try await place.askWithoutKey()
                try await place.expectOwnerFindsAll()
            }
        }

        /// Where the owner has rows, so that there is something that could be seen or lost.
        private static let filled = [
            "api_key", "body", "deferred", "erasure", "event", "expiry", "feed", "feed_head", "idempotency", "lane",
            "message", "outbox", "ready", "recipient_data", "route", "send_log", "ses_id", "suppression", "template",
            "template_version", "tenant", "webhook_delivery", "webhook_endpoint", "webhook_queue",
        ]
    }
}

extension Neighbourhood {
    /// Else the walk would be for things that nobody has.
    fileprivate func expectOwnerFindsAll() async throws {
        let tests = Set(try await testMail())
        for operation in operations where operation.method == .get && !operation.names.isEmpty {
            for pairs in estate.values(for: operation) {
                // Of tests only their own key knows; and a foreign webhook is none of the owner's.
                if pairs.values.contains(where: { tests.contains($0.theirs) }) { continue }
                if pairs["id"].map({ $0.theirs == $0.nobodys }) == true { continue }
                let path = operation.path(pairs.mapValues(\.theirs))
                let answer = try await owner.ask(.get, path)
                #expect(answer.status == 200, "GET \(path): \(answer.status) \(answer.text)")
            }
        }
    }

    private func testMail() async throws -> [String] {
        let text = try await cluster.text("SELECT string_agg(id::text, ' ') FROM message WHERE test") ?? ""
        return text.split(separator: " ").map(String.init)
    }

    fileprivate func expectUnchanged(_ before: StoredRows) async throws {
        let after = try await StoredRows.of([Self.owner], in: cluster)
        let differences = before.differences(to: after)
        #expect(differences.isEmpty, "\(differences)")
    }
}
