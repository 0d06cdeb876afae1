import Foundation
import Testing

/// A name server of dnslib on loopback, UDP and TCP, while a test runs. `SLUICE_REFEREES` names a virtual environment that has it.
struct DNSServer: Sendable {
    static let folder = ProcessInfo.processInfo.environment["SLUICE_REFEREES"]

    /// As a resolver takes it.
    let address: String

    static func run(_ body: (DNSServer) async throws -> Void) async throws {
        guard let folder else { return }
        let process = Process()
        process.executableURL = URL(filePath: folder + "/bin/python3")
        process.arguments = ["-c", script]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        defer {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(UInt16(line.trimmingCharacters(in: .whitespacesAndNewlines)), "\(line)")
        try await body(DNSServer(address: "127.0.0.1:\(port)"))
    }

    /// Says its port, and ends when its standard input does.
    private static let script = """
        import sys
        from dnslib import CNAME, DNSError, MX, QTYPE, RCODE, RR, TXT
        from dnslib.server import BaseResolver, DNSHandler, DNSServer

        ZONE = {
            ("spf.example", "TXT"): [TXT("verification=1"), TXT([b"v=spf1 include:ama", b"zonses.com ~all"])],
            ("one._domainkey.apa.example", "CNAME"): [CNAME("One.dkim.AmazonSES.com")],
            ("chain.example", "CNAME"): [CNAME("link.example")],
            ("link.example", "CNAME"): [CNAME("end.example")],
            ("end.example", "TXT"): [TXT("at the end")],
            ("bounce.apa.example", "MX"): [MX("feedback-smtp.eu-central-1.amazonses.com", 10)],
            ("long.example", "TXT"): [TXT([b"x" * 250] * 40)],
            ("forged.example", "TXT"): [TXT("true")],
        }
        asked = 0

        class Zone(BaseResolver):
            def resolve(self, request, handler):
                global asked
                reply = request.reply()
                name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]
                if name == "silent.example":
                    raise DNSError("no answer")
                if name == "servfail.example":
                    reply.header.rcode = RCODE.SERVFAIL
                    return reply
                if name == "forged.example" and handler.protocol == "udp":
                    lie = request.reply()
                    lie.header.id = request.header.id ^ 0x5555
                    lie.add_answer(RR(request.q.qname, QTYPE.TXT, rdata=TXT("false"), ttl=60))
                    handler.request[1].sendto(lie.pack(), handler.client_address)
                records = list(ZONE.get((name, kind), []))
                if name == "counted.example" and kind == "TXT":
                    asked += 1
                    records = [TXT(str(asked))]
                alias = ZONE.get((name, "CNAME"))
                while kind != "CNAME" and alias:
                    reply.add_answer(RR(name, QTYPE.CNAME, rdata=alias[0], ttl=60))
                    name = str(alias[0].label).rstrip(".")
                    records, alias = ZONE.get((name, kind), []), ZONE.get((name, "CNAME"))
                for record in records:
                    reply.add_answer(RR(name, getattr(QTYPE, kind), rdata=record, ttl=60))
                if not reply.rr and not any(known == name for known, _ in ZONE):
                    reply.header.rcode = RCODE.NXDOMAIN
                return reply

        class Handler(DNSHandler):
            udplen = 1232

        class Quiet:
            def __getattr__(self, name):
                return lambda *arguments: None

        udp = DNSServer(Zone(), address="127.0.0.1", port=0, handler=Handler, logger=Quiet())
        port = udp.server.server_address[1]
        tcp = DNSServer(Zone(), address="127.0.0.1", port=port, tcp=True, handler=Handler, logger=Quiet())
        udp.start_thread()
        tcp.start_thread()
        print(port, flush=True)
        sys.stdin.read()
        """
}
