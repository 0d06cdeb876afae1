import Foundation
import Testing

@testable import Simulator

/// boto3's `sesv2` client, unchanged, against the simulator. `SLUICE_REFEREES` names a virtual environment that has boto3.
struct RefereeTests {
    static let environment = ProcessInfo.processInfo.environment["SLUICE_REFEREES"]

    @Test(.enabled(if: environment != nil, "SLUICE_REFEREES names no virtual environment with boto3"))
    func botoDrivesTheSimulator() async throws {
        let python = try #require(Self.environment) + "/bin/python"
        let options = SimulatorOptions(rate: 1000, daily: 120, latency: try LatencyRange(parsing: "1ms..5ms"))
        try await RunningSimulator.run(options) { simulator in
            let (status, output) = try await Self.run(
                python,
                ["-c", Self.script, "http://127.0.0.1:\(simulator.port)"]
            )
            #expect(status == 0, "\(output)")
            #expect(output.hasSuffix("done\n"), "\(output)")
            let summary = simulator.server.summary()
            #expect(summary.accepted == 6)
            #expect(summary.throttled == 1)
        }
    }

    static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = [
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true", "HOME": NSTemporaryDirectory(),
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        let (statuses, ended) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            ended.yield(process.terminationStatus)
            ended.finish()
        }
        try process.run()
        let status = await statuses.first { _ in true }
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        return (status ?? -1, String(decoding: output, as: UTF8.self))
    }

    /// One line per step, so that a failure names its own.
    private static let script = """
        import sys, urllib.request, json, base64
        import boto3
        from botocore.config import Config
        url = sys.argv[1]
        ses = boto3.client("sesv2", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))

        def simulator(method, route, document=None):
            body = None if document is None else json.dumps(document).encode()
            request = urllib.request.Request(url + "/_simulator/" + route, data=body, method=method)
            return urllib.request.urlopen(request).read()

        def simple(to, tags=(), **more):
            return ses.send_email(
                FromEmailAddress='"S, T" <s@example.com>', Destination={"ToAddresses": to},
                Content={"Simple": {"Subject": {"Data": "Grüße", "Charset": "UTF-8"},
                                    "Body": {"Text": {"Data": "t"}, "Html": {"Data": "<p>t</p>"}},
                                    "Headers": [{"Name": "X-A", "Value": "1"}],
                                    "Attachments": [{"FileName": "a.txt", "RawContent": b"a"}]}},
                EmailTags=[{"Name": n, "Value": v} for n, v in tags], **more)

        print("simple")
        answer = simple(["a@example.com"], [("sluice-id", "one"), ("sluice-attempt", "1")], ConfigurationSetName="cs")
        assert answer["MessageId"].endswith("-000000"), answer
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200

        print("raw")
        raw = b"From: s@example.com\\r\\nTo: h@example.com\\r\\n\\r\\n\\xff\\x00body\\r\\n" * 3
        answer = ses.send_email(Content={"Raw": {"Data": raw}})
        stored = json.loads(simulator("GET", "messages/" + answer["MessageId"]))
        assert base64.b64decode(stored["raw"]) == raw
        assert stored["recipients"] == ["h@example.com"], stored

        print("template")
        ses.send_email(FromEmailAddress="s@example.com", Destination={"CcAddresses": ["c@example.com"]},
                       Content={"Template": {"TemplateName": "t", "TemplateData": '{"n": 1}'}})

        print("bulk")
        answer = ses.send_bulk_email(
            FromEmailAddress="s@example.com", DefaultEmailTags=[{"Name": "k", "Value": "v"}],
            DefaultContent={"Template": {"TemplateName": "t", "TemplateData": "{}"}},
            BulkEmailEntries=[
                {"Destination": {"ToAddresses": ["a@example.com"]},
                 "ReplacementTags": [{"Name": "sluice-id", "Value": "two"}],
                 "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": '{"n": 2}'}}},
                {"Destination": {"ToAddresses": ["not an address"]}},
                {"Destination": {"ToAddresses": ["success@simulator.amazonses.com"]}}])
        assert [r["Status"] for r in answer["BulkEmailEntryResults"]] == ["SUCCESS", "INVALID_PARAMETER", "SUCCESS"]
        assert "MessageId" in answer["BulkEmailEntryResults"][0] and answer["BulkEmailEntryResults"][1]["Error"]

        print("account")
        account = ses.get_account()
        assert account["SendQuota"] == {"Max24HourSend": 120.0, "MaxSendRate": 1000.0, "SentLast24Hours": 4.0}, account
        assert account["SendingEnabled"] and account["EnforcementStatus"] == "HEALTHY"

        print("bad request")
        for recipients in (["bad"], ["r%d@example.com" % i for i in range(51)]):
            try:
                simple(recipients)
                raise SystemExit("accepted")
            except ses.exceptions.BadRequestException as error:
                assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400 and error.response["Error"]["Message"]

        print("throttled")
        simulator("PUT", "settings", {"rate": 0.001})
        try:
            simple(["s@example.com"])
            raise SystemExit("accepted")
        except ses.exceptions.TooManyRequestsException as error:
            assert error.response["Error"]["Message"] == "Maximum sending rate exceeded."

        print("daily quota")
        simulator("PUT", "settings", {"rate": 100000, "daily": 4})
        try:
            simple(["t@example.com"])
            raise SystemExit("accepted")
        except ses.exceptions.TooManyRequestsException as error:
            assert "Daily message quota exceeded" in error.response["Error"]["Message"]

        print("faults")
        for fault, name in (("paused", "SendingPausedException"), ("throttle", "TooManyRequestsException"),
                            ("expired_token", "ExpiredTokenException")):
            simulator("PUT", "faults", {"faults": [{"fault": fault}]})
            try:
                simple(["success@simulator.amazonses.com"])
                raise SystemExit("accepted")
            except ses.exceptions.ClientError as error:
                assert error.response["Error"]["Code"] == name, error.response
        simulator("DELETE", "faults")
        simple(["success@simulator.amazonses.com"])
        print("done")
        """
}
