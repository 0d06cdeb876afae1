import Foundation
import Outbound
import Signing
import Testing

@testable import AWS

enum FoundationBytes {
    static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(filePath: path))
    }
}

@Suite("What AWS answers and what people configure")
struct ParsingTests {
    @Test("Dates")
    func dates() {
        #expect(AWSDate.parse("2026-01-02T03:04:05Z")?.timeIntervalSince1970 == 1_767_323_045)
        #expect(AWSDate.parse("2026-01-02T03:04:05.250Z")?.timeIntervalSince1970 == 1_767_323_045.25)
        #expect(AWSDate.parse("yesterday") == nil)
        #expect(AWSDate.parseHeader("Sun, 06 Nov 1994 08:49:37 GMT")?.timeIntervalSince1970 == 784_111_777)
        #expect(AWSDate.parseHeader("Fri, 02 Jan 2026 03:04:05 GMT")?.timeIntervalSince1970 == 1_767_323_045)
        #expect(AWSDate.parseHeader("Sunday, 06-Nov-94 08:49:37 GMT") == nil)
        #expect(AWSDate.parseHeader("") == nil)
    }

    @Test("Endpoints")
    func endpoints() throws {
        let plain = try #require(EndpointURL("HTTP://Localhost:8090"))
        #expect(plain.hostHeader == "localhost:8090")
        #expect(plain.url(path: "/v2/x", query: "") == "http://localhost:8090/v2/x")
        let based = try #require(EndpointURL("https://example.com:443/Base//"))
        #expect(based.hostHeader == "example.com")
        #expect(based.url(path: "/v2/x", query: "a=b") == "https://example.com/Base/v2/x?a=b")
        let six = try #require(EndpointURL("http://[::1]:80"))
        #expect(six.hostHeader == "[::1]")
        for bad in [
            "", "ftp://x", "x", "http://", "http://a@b", "http://a?b", "http://a#b", "http://a:0", "http://a:x",
            "http://a:70000", "http://ä", "http://a b", "http://a\\@b",
        ] {
            #expect(EndpointURL(bad) == nil, "\(bad)")
        }
    }

    @Test("A region's own endpoint, by partition")
    func partitions() {
        #expect(AWSService.ses.endpoint(region: "eu-central-1") == "https://email.eu-central-1.amazonaws.com")
        #expect(AWSService.ses.endpoint(region: "us-gov-west-1") == "https://email.us-gov-west-1.amazonaws.com")
        #expect(AWSService.ses.endpoint(region: "cn-north-1") == "https://email.cn-north-1.amazonaws.com.cn")
        #expect(AWSService.ses.endpoint(region: "eusc-de-east-1") == "https://email.eusc-de-east-1.amazonaws.eu")
    }

    @Test(
        "The container endpoint's token goes in plain text to this machine and ECS's and EKS's addresses only",
        arguments: [
            ("http://127.0.0.1:1/x", true), ("http://127.255.3.4/x", true), ("http://localhost/x", true),
            ("http://[::1]/x", true), ("http://169.254.170.2/x", true), ("http://169.254.170.23/v1/credentials", true),
            ("http://[fd00:ec2::23]/x", true), ("https://anything.example/x", true),
            ("http://169.254.169.254/x", false), ("http://example.com/x", false),
            ("http://127.0.0.1.example.com/", false),
            ("http://127.0.0.1@example.com/", false), ("http://128.0.0.1/", false), ("http://127.0.0.1.1/", false),
            ("http://127.1/", false), ("ftp://127.0.0.1/", false), ("", false),
        ]
    )
    func containerHosts(url: String, isAllowed: Bool) {
        #expect(ContainerSource.mayAsk(url) == isAllowed)
    }

    @Test("XML of the kind that STS answers with")
    func xml() throws {
        let root = try #require(
            XMLElement.parse(
                Array(
                    """
                    <?xml version="1.0"?>
                    <!-- hello -->
                    <s:Root xmlns:s="https://example.com/">
                      <A x="1">one &amp; &lt;two&gt; &#x41;&#66;</A><Empty/><A>again</A>
                      <B><C>deep</C></B >
                    </s:Root>

                    """.utf8
                )
            )
        )
        #expect(root.name == "Root")
        #expect(root["A"]?.text == "one & <two> AB")
        #expect(root["Empty"]?.text == "")
        #expect(root["B"]?["C"]?.text == "deep")
        #expect(root["D"] == nil)
    }

    @Test(
        "XML that is refused",
        arguments: [
            "", "text", "<a>", "<a></b>", "<a></a><b></b>", "<a></a>text", "</a>", "<a>&nope;</a>", "<a>&</a>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a", "<1></1>", "{}", "<a>&#xD800;</a>",
            String(repeating: "<a>", count: 5000),
        ]
    )
    func badXML(text: String) {
        #expect(XMLElement.parse(Array(text.utf8)) == nil)
    }

    @Test(
        "Error codes, by botocore's rule",
        arguments: [
            (["x-amzn-errortype": "MessageRejected"], #"{"message":"m"}"#, "MessageRejected", "m"),
            (["X-Amzn-ErrorType": "a.b#Bad:http://x/"], #"{"Message":"m","code":"Other"}"#, "Bad", "m"),
            ([:], #"{"code":"One","__type":"Two"}"#, "One", nil),
            ([:], #"{"Code":"One"}"#, "One", nil),
            (
                [:], #"{"__type":"com.amazonaws.ses#TooManyRequestsException","message":"slow"}"#,
                "TooManyRequestsException", "slow"
            ),
            ([:], #"{"code":7,"__type":"Two","message":[1]}"#, "Two", nil),
            ([:], "<html><body>Bad gateway</body></html>", nil, nil),
            ([:], "", nil, nil),
            ([:], #"["x"]"#, nil, nil),
            (["x-amzn-errortype": ":"], "{}", nil, nil),
        ] as [([String: String], String, String?, String?)]
    )
    func errorCodes(headers: [String: String], body: String, code: String?, message: String?) {
        var fields: HeaderFields = [:]
        for (name, value) in headers { fields.append(name: name, value: value) }
        let error = ServiceError(
            OutboundResponse(status: 400, headers: fields, body: Array(body.utf8), bodySentAt: .now, answeredAt: .now)
        )
        #expect(error == ServiceError(status: 400, code: code, message: message))
    }

    @Test("Descriptions of credentials show no secret")
    func descriptions() {
        let credentials = AWSCredentials(
            keys: .init(accessKeyID: "AKID", secretAccessKey: "hidden", sessionToken: "hidden"),
            source: "environment"
        )
        var dumped = ""
        dump(credentials, to: &dumped)
        let text = "\(credentials)" + String(reflecting: credentials) + dumped
        #expect(!text.contains("hidden"))
        #expect(text.contains("AKID"))
    }
}
