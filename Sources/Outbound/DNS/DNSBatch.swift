import CUnbound

/// Questions that are asked together, and the library's context that asks them: made for them and gone with them, so that
/// nothing is answered from an old cache.
///
/// `@safe`: context and slots are made in `init`, freed in `deinit`, and used by one task only. The library's thread touches
/// neither: what it has found reaches the slots inside of `advance`.
@safe final class DNSBatch {
    private let context: OpaquePointer
    private let slots: UnsafeMutablePointer<sluice_dns_slot>
    private let questions: [DNSQuestion]

    /// Nil where the library cannot start.
    ///
    /// - Parameter servers: as `address@port`; none: those of `/etc/resolv.conf`.
    init?(_ questions: [DNSQuestion], servers: [String]) {
        guard let context = unsafe ub_ctx_create() else { return nil }
        self.questions = questions
        unsafe self.context = context
        // Safe: freed in `deinit`, after the context that knows their addresses.
        unsafe slots = UnsafeMutablePointer<sluice_dns_slot>.allocate(capacity: max(1, questions.count))
        unsafe slots.initialize(repeating: sluice_dns_slot(), count: max(1, questions.count))
        guard configure(servers) else { return nil }
        for (index, question) in questions.enumerated() {
            // Safe: the library copies the name; the slot is one of those above.
            let error = unsafe sluice_dns_ask(context, question.name, question.kind.rawValue, slots + index)
            if error != 0 {
                unsafe slots[index].error = error
                unsafe slots[index].is_done = 1
            }
        }
    }

    deinit {
        // Ends the library's thread; no slot is written to after that. Results that came are ours to free.
        unsafe ub_ctx_delete(context)
        for index in questions.indices { unsafe ub_resolve_free(slots[index].result) }
        unsafe slots.deallocate()
    }

    private func configure(_ servers: [String]) -> Bool {
        // Safe: the context is ours, and it copies the texts.
        unsafe sluice_dns_silence(context)
        let options = [
            // Forwarders on this machine are usual: systemd-resolved, a cache of one's own.
            ("do-not-query-localhost:", "no"), ("module-config:", "iterator"),
        ]
        for (name, value) in options {
            guard unsafe ub_ctx_set_option(context, name, value) == 0 else { return false }
        }
        // Threads, not processes.
        guard unsafe ub_ctx_async(context, 1) == 0 else { return false }
        guard !servers.isEmpty else { return unsafe ub_ctx_resolvconf(context, nil) == 0 }
        return servers.allSatisfy { unsafe ub_ctx_set_fwd(context, $0) == 0 }
    }

    /// Takes in what has been found; false when all is.
    func advance() -> Bool {
        // Safe: runs `sluice_dns_take` for what is done.
        if unsafe ub_poll(context) != 0 { _ = unsafe ub_process(context) }
        return questions.indices.contains { unsafe slots[$0].is_done == 0 }
    }

    /// What is known by now, in the order of the questions.
    var answers: [DNSAnswer] { questions.indices.map(answer) }

    private func answer(_ index: Int) -> DNSAnswer {
        guard unsafe slots[index].is_done != 0 else { return .unknown("no answer in time") }
        guard unsafe slots[index].error == 0, let result = unsafe slots[index].result else {
            // Safe: a text that the library keeps for good.
            return .unknown(unsafe String(cString: ub_strerror(slots[index].error)))
        }
        let code = unsafe result.pointee.rcode
        switch code {
        case 0: return .records(unsafe records(result, kind: questions[index].kind))
        case 3: return .records([])
        case 2: return .unknown("the name servers failed (SERVFAIL)")
        case 5: return .unknown("the name servers refused the question (REFUSED)")
        default: return .unknown("the name servers answered with code \(code)")
        }
    }

    /// Records of one answer that are looked at; more are nobody's honest set-up.
    private static let mostRecords: CInt = 64

    private func records(_ result: UnsafeMutablePointer<ub_result>, kind: DNSQuestion.Kind) -> [String] {
        var texts: [String] = []
        var length: CInt = 0
        var index: CInt = 0
        while index < Self.mostRecords, let bytes = unsafe sluice_dns_record(result, index, &length) {
            // Safe: the library says how many bytes there are; they are copied.
            let data = unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(max(0, length))))
            if let text = DNSRecordData.text(data, kind: kind) { texts.append(text) }
            index += 1
        }
        return texts.sorted()
    }
}
