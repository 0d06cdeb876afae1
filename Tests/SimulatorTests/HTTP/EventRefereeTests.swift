import Foundation
import Testing

@testable import Simulator

/// What the simulator says of mail, read by programs that share no code with it.
@Suite(.enabled(if: RefereeTests.environment != nil, "SLUICE_REFEREES names no virtual environment"))
struct EventRefereeTests {
    private static func python(_ script: String, _ arguments: String...) async throws {
        let python = try #require(RefereeTests.environment) + "/bin/python"
        let (status, output) = try await RefereeTests.run(python, ["-c", script] + arguments)
        #expect(status == 0, "\(output)")
        #expect(output.hasSuffix("done\n"), "\(output)")
    }

    /// Python's `cryptography` verifies every envelope, against the certificate that the simulator serves.
    @Test(arguments: [1, 2])
    func envelopesAndEventsAreAsDocumented(version: Int) async throws {
        try await EventReceiver.run { receiver, url in
            var events = EventOptions(topic: .init(url: url, key: SigningCertificate.make(), signatureVersion: version))
            events.format = .both
            events.delay = LatencyRange(from: .milliseconds(1), to: .milliseconds(10))
            events.shares = FateShares(delayed: 1, opened: 1, clicked: 1)
            let faults = try FaultRules(parsing: #"faults: [{fault: forge, recipient: "forged@"}]"#)
            let options = SimulatorOptions(rate: 1e6, daily: -1, faults: faults, events: events)
            let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try await RunningSimulator.run(options) { simulator in
                try await Self.confirm(simulator, receiver)
                let mailboxes = ["success", "bounce", "complaint", "ooto", "suppressionlist"]
                for to in mailboxes.map({ "\($0)@simulator.amazonses.com" }) + ["a@example.com", "forged@example.com"] {
                    #expect(try await simulator.send(RunningSimulator.message(to: to)).status == 200)
                }
                try await Self.settle(simulator)
                let file = folder.appending(path: "envelopes")
                let lines = receiver.received.map { $0.body.base64EncodedString() }.joined(separator: "\n")
                try Data(lines.utf8).write(to: file)
                try await Self.python(Self.envelopes, "http://127.0.0.1:\(simulator.port)", file.path(), "\(version)")
            }
        }
    }

    @Test func botoKeepsTheSuppressionList() async throws {
        var options = SimulatorOptions(rate: 1e6, daily: -1, events: EventOptions())
        options.events?.topic = .init(url: "http://127.0.0.1:1/", key: EventTests.key)
        try await RunningSimulator.run(options) { simulator in
            try await Self.python(Self.account, "http://127.0.0.1:\(simulator.port)")
        }
    }

    @Test(arguments: EventOptions.Queue.Format.allCases)
    func botoReceivesFromAQueue(format: EventOptions.Queue.Format) async throws {
        let folder = try #require(RefereeTests.environment)
        let port = try await Self.freePort()
        let moto = Process()
        moto.executableURL = URL(filePath: folder + "/bin/python")
        moto.arguments = ["-c", Self.keeper, folder + "/bin/moto_server", "-H", "127.0.0.1", "-p", "\(port)"]
        let input = Pipe()
        moto.standardInput = input
        try moto.run()
        defer {
            try? input.fileHandleForWriting.close()
            moto.waitUntilExit()
        }
        let queue = "http://127.0.0.1:\(port)/123456789012/feedback"
        try await Self.python(Self.makeQueue, "http://127.0.0.1:\(port)")
        let environment = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"]
        var events = EventOptions(queue: .init(url: queue, format: format, environment: environment))
        events.delay = LatencyRange(from: .milliseconds(1), to: .milliseconds(10))
        let options = SimulatorOptions(rate: 1e6, daily: -1, events: events)
        try await RunningSimulator.run(options) { simulator in
            for index in 0..<30 {
                #expect(try await simulator.send(RunningSimulator.message(id: "row-\(index)")).status == 200)
            }
            try await Self.settle(simulator)
            #expect(simulator.server.eventSummary()?.delivered == 60)
        }
        try await Self.python(Self.receive, "http://127.0.0.1:\(port)", queue, format.rawValue)
    }

    private static func confirm(_ simulator: RunningSimulator, _ receiver: EventReceiver) async throws {
        for _ in 0..<3000 {
            if let url = receiver.received.first?.envelope()["SubscribeURL"] {
                let path = url.dropFirst("http://127.0.0.1:\(simulator.port)".count)
                #expect(try await simulator.request("GET", String(path)).status == 200)
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("no subscription was asked for")
    }

    private static func settle(_ simulator: RunningSimulator) async throws {
        for _ in 0..<3000 where simulator.server.eventSummary()?.isIdle != true {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(simulator.server.eventSummary()?.isIdle == true)
    }

    /// A port that was free a moment ago.
    private static func freePort() async throws -> Int {
        try await RunningSimulator.run { $0.port }
    }

    /// Ends the program when our end of the pipe closes, also when the tests crash.
    private static let keeper = """
        import subprocess, sys
        null = subprocess.DEVNULL
        child = subprocess.Popen(sys.argv[1:], stdin=null, stdout=null, stderr=null)
        sys.stdin.read()
        child.kill()
        child.wait()
        """

    private static let makeQueue = """
        import sys, time, boto3
        sqs = boto3.client("sqs", endpoint_url=sys.argv[1])
        for attempt in range(300):
            try:
                sqs.create_queue(QueueName="feedback")
                break
            except Exception:
                time.sleep(0.1)
        print(sqs.get_queue_url(QueueName="feedback")["QueueUrl"])
        print("done")
        """

    private static let receive = """
        import json, sys, boto3
        endpoint, queue, form = sys.argv[1:]
        sqs = boto3.client("sqs", endpoint_url=endpoint)
        seen = set()
        while True:
            answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
            if not answer.get("Messages"): break
            for message in answer["Messages"]:
                body = json.loads(message["Body"])
                if form == "sns":
                    assert body["Type"] == "Notification" and body["TopicArn"].startswith("arn:aws:sns:"), body
                    event = json.loads(body["Message"])
                elif form == "raw":
                    event = body
                else:
                    assert body["source"] == "aws.ses" and body["version"] == "0", body
                    assert body["detail-type"] in ("Email Sent", "Email Delivered"), body
                    assert set(body) == {"version", "id", "detail-type", "source", "account", "time", "region",
                                         "resources", "detail"}
                    event = body["detail"]
                seen.add((event["mail"]["tags"]["sluice-id"][0], event["eventType"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        assert seen == {("row-%d" % i, t) for i in range(30) for t in ("Send", "Delivery")}, seen
        print("done")
        """

    private static let account = """
        import sys, boto3, botocore
        ses = boto3.client("sesv2", endpoint_url=sys.argv[1])
        assert ses.get_configuration_set(ConfigurationSetName="any")["SendingOptions"]["SendingEnabled"]
        [d] = ses.get_configuration_set_event_destinations(ConfigurationSetName="any")["EventDestinations"]
        assert d["Enabled"] and d["SnsDestination"]["TopicArn"].endswith(":sluice-feedback"), d
        assert {"SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "DELIVERY_DELAY"} <= set(d["MatchingEventTypes"])
        ses.put_suppressed_destination(EmailAddress="A+b@example.com", Reason="BOUNCE")
        ses.put_suppressed_destination(EmailAddress="c@example.com", Reason="COMPLAINT")
        found = ses.get_suppressed_destination(EmailAddress="a+b@example.com")["SuppressedDestination"]
        assert found["Reason"] == "BOUNCE" and found["LastUpdateTime"].year > 2020, found
        page = ses.list_suppressed_destinations(PageSize=1)
        assert len(page["SuppressedDestinationSummaries"]) == 1, page
        page = ses.list_suppressed_destinations(PageSize=1, NextToken=page["NextToken"])
        assert page["SuppressedDestinationSummaries"][0]["EmailAddress"] == "c@example.com" and "NextToken" not in page
        page = ses.list_suppressed_destinations(Reasons=["BOUNCE"])
        assert [s["EmailAddress"] for s in page["SuppressedDestinationSummaries"]] == ["A+b@example.com"], page
        ses.delete_suppressed_destination(EmailAddress="c@example.com")
        for call in (ses.get_suppressed_destination, ses.delete_suppressed_destination):
            try:
                call(EmailAddress="c@example.com")
                raise SystemExit("found")
            except ses.exceptions.NotFoundException:
                pass
        try:
            ses.put_suppressed_destination(EmailAddress="not an address", Reason="BOUNCE")
            raise SystemExit("taken")
        except ses.exceptions.BadRequestException:
            pass
        print("done")
        """

    /// The member lists are those of SES's and SNS's documentation, not of the simulator.
    private static let envelopes = """
        import base64, json, re, sys, urllib.request
        from cryptography import x509
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding
        base, file, version = sys.argv[1:]
        keys = {}
        TIME = re.compile(r"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$")
        SIGNED = {"Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
                  "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token",
                                               "TopicArn", "Type"]}
        MAIL = {"timestamp", "source", "sourceArn", "sendingAccountId", "messageId", "destination"}
        HEADERS = {"headersTruncated", "headers", "commonHeaders"}
        DETAILS = {
            "Send": ("send", set()), "Reject": ("reject", {"reason"}),
            "Delivery": ("delivery", {"timestamp", "processingTimeMillis", "recipients", "smtpResponse",
                                      "reportingMTA"}),
            "Bounce": ("bounce", {"bounceType", "bounceSubType", "bouncedRecipients", "timestamp", "feedbackId"}),
            "Complaint": ("complaint", {"complainedRecipients", "timestamp", "feedbackId", "complaintSubType",
                                        "userAgent", "complaintFeedbackType", "arrivalDate"}),
            "DeliveryDelay": ("deliveryDelay", {"timestamp", "delayType", "expirationTime", "delayedRecipients"}),
            "Open": ("open", {"ipAddress", "timestamp", "userAgent"}),
            "Click": ("click", {"ipAddress", "link", "linkTags", "timestamp", "userAgent"})}

        def verify(envelope):
            url = envelope["SigningCertURL"]
            assert url.startswith(base) and url.endswith(".pem"), url
            if url not in keys:
                keys[url] = x509.load_pem_x509_certificate(urllib.request.urlopen(url).read()).public_key()
            assert envelope["SignatureVersion"] == version
            text = "".join(n + "\\n" + envelope[n] + "\\n" for n in SIGNED[envelope["Type"]] if n in envelope)
            digest = hashes.SHA1() if version == "1" else hashes.SHA256()
            keys[url].verify(base64.b64decode(envelope["Signature"]), text.encode(), padding.PKCS1v15(), digest)

        def check(event, key):
            name = event[key]
            mail = event["mail"]
            member, members = DETAILS[name]
            assert set(event) == {key, "mail", member}, event
            details = event[member]
            optional = {"Bounce": {"reportingMTA"}}.get(name, set())
            wanted = set(MAIL)
            if name != "DeliveryDelay": wanted |= HEADERS
            if key == "eventType":
                wanted |= {"tags"}
                assert all(isinstance(v, list) for v in mail["tags"].values())
                assert mail["tags"]["sluice-id"] == ["row-1"] and "ses:from-domain" in mail["tags"], mail
            else:
                wanted |= {"sourceIp", "callerIdentity"}
                if name in ("Bounce", "Delivery"): optional |= {"remoteMtaIp"}
            assert set(mail) == wanted, (name, set(mail) ^ wanted)
            assert members <= set(details) <= members | optional, (name, details)
            assert all(TIME.match(details[m]) for m in ("timestamp", "arrivalDate", "expirationTime") if m in details)
            for r in details.get("bouncedRecipients", []):
                assert set(r) <= {"emailAddress", "action", "status", "diagnosticCode"} and "@" in r["emailAddress"]
            for r in details.get("delayedRecipients", []):
                assert set(r) == {"emailAddress", "status", "diagnosticCode"}, r
            if member == "complaint": assert set(details["complainedRecipients"][0]) == {"emailAddress"}
            return name, mail["messageId"], details.get("feedbackId")

        names, feedback, forged, setups = {}, {}, 0, 0
        for line in open(file):
            envelope = json.loads(base64.b64decode(line))
            try:
                verify(envelope)
            except InvalidSignature:
                assert "forged@" in envelope["Message"], envelope
                forged += 1
                continue
            if envelope["Type"] != "Notification": continue
            message = envelope["Message"]
            if not message.startswith("{"):
                assert message == "Successfully validated SNS topic for Amazon SES event publishing."
                setups += 1
                continue
            event = json.loads(message)
            key = "eventType" if "eventType" in event else "notificationType"
            if key == "eventType":
                assert envelope["Subject"] == "Amazon SES Email Event Notification" and message.endswith("\\n")
            else:
                assert "Subject" not in envelope and not message.endswith("\\n")
            assert "forged@" not in message
            name, mail, identity = check(event, key)
            names.setdefault(key, []).append(name)
            if identity: feedback.setdefault((mail, name), []).append(identity)
        assert sorted(set(names["eventType"])) == ["Bounce", "Click", "Complaint", "Delivery", "DeliveryDelay", "Open",
                                                   "Send"], names
        assert sorted(set(names["notificationType"])) == ["Bounce", "Complaint", "Delivery"], names
        # Both mechanisms give one bounce or complaint the same id, and different ones different ids.
        assert all(len(v) == 2 and len(set(v)) == 1 for v in feedback.values()), feedback
        assert len({v[0] for v in feedback.values()}) == len(feedback) == 4, feedback
        assert forged > 0 and setups == 1, (forged, setups)
        print("done")
        """
}
