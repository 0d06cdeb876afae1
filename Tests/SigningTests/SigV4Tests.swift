import Testing

@testable import Signing

/// Known answers: AWS's signing test suite (cases as in awslabs/aws-c-auth), the example of the IAM guide, and requests
/// to SES that botocore signs the same.
@Suite("SigV4")
struct SigV4Tests {
    static let credentials = SigV4Credentials(
        accessKeyID: "AKIDEXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    )
    /// 2015-08-30T12:36:00Z
    static let suiteDate = SigV4Date(unixSeconds: 1_440_938_160)
    /// 2026-01-02T03:04:05Z
    static let sesDate = SigV4Date(unixSeconds: 1_767_323_045)

    /// A case of the suite: a request to example.amazonaws.com and its signature.
    struct Vector: CustomTestStringConvertible {
        let name: String
        var method = "GET"
        var path = "/"
        var query = ""
        var headers: [(String, String)] = []
        var body = ""
        let signature: String

        var testDescription: String { name }
    }

    static let vectors: [Vector] = [
        Vector(name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            name: "get-utf8",
            path: "/\u{1234}",
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"
        ),
        // The suite counts each line of a folded value as a value.
        Vector(
            name: "get-header-value-multiline",
            headers: [("My-Header1", "value1"), ("My-Header1", "  value2"), ("My-Header1", "     value3")],
            signature: "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790"
        ),
        Vector(
            name: "get-header-value-trim",
            headers: [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
        ),
        Vector(
            name: "get-header-value-order",
            headers: [
                ("My-Header1", "value4"), ("My-Header1", "value1"), ("My-Header1", "value3"), ("My-Header1", "value2"),
            ],
            signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"
        ),
        Vector(
            name: "get-header-key-duplicate",
            headers: [("My-Header1", "value2"), ("My-Header1", "value2"), ("my-header1", "value1")],
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"
        ),
        Vector(
            name: "get-vanilla-query-order-encoded",
            query: "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            signature: "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"
        ),
        Vector(
            name: "get-vanilla-query-order-key-case",
            query: "Param2=value2&Param1=value1",
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        ),
        Vector(
            name: "get-vanilla-query-unreserved",
            query: "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                + "=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"
        ),
        Vector(
            name: "get-vanilla-utf8-query",
            query: "\u{1234}=bar",
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"
        ),
        Vector(
            name: "get-vanilla-empty-query-key",
            query: "Param1=value1",
            signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"
        ),
        Vector(
            name: "get-unreserved",
            path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"
        ),
        Vector(
            name: "get-relative-relative-normalized",
            path: "/example1/example2/../..",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ),
        Vector(
            name: "get-slash-pointless-dot-normalized",
            path: "/./example",
            signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"
        ),
        Vector(
            name: "get-slashes-normalized",
            path: "//example//",
            signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"
        ),
        Vector(
            name: "get-space-normalized",
            path: "/example space/",
            signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"
        ),
        Vector(
            name: "post-header-key-sort",
            method: "POST",
            headers: [("My-Header1", "value1")],
            signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"
        ),
        Vector(
            name: "post-x-www-form-urlencoded",
            method: "POST",
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", "13"),
                ("x-amz-content-sha256", "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"),
            ],
            body: "Param1=value1",
            signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"
        ),
    ]

    @Test("AWS's test suite", arguments: vectors)
    func suite(_ vector: Vector) {
        let request = SigV4Request(
            method: vector.method,
            path: vector.path,
            query: vector.query,
            headers: [("Host", "example.amazonaws.com")].appending(vector.headers),
            body: Array(vector.body.utf8)
        )
        let signed = SigV4Signer(region: "us-east-1", service: "service")
            .sign(request, with: Self.credentials, at: Self.suiteDate)
        #expect(signed.signature == vector.signature, "canonical request:\n\(signed.canonicalRequest)")
    }

    @Test("get-vanilla: the canonical request's hash and the fields to add")
    func vanilla() {
        let signed = SigV4Signer(region: "us-east-1", service: "service").sign(
            SigV4Request(method: "GET", path: "", headers: [.init(name: "host", value: "example.amazonaws.com")]),
            with: Self.credentials,
            at: Self.suiteDate
        )
        #expect(
            Hex.encode(SHA256.hash(signed.canonicalRequest))
                == "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63"
        )
        #expect(signed.headers.map(\.name) == ["X-Amz-Date", "Authorization"])
        #expect(signed.headers.first?.value == "20150830T123600Z")
        #expect(
            signed.headers.last?.value
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=host;x-amz-date, "
                + "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        )
    }

    @Test("get-vanilla-with-session-token")
    func sessionToken() {
        let credentials = SigV4Credentials(
            accessKeyID: Self.credentials.accessKeyID,
            secretAccessKey: Self.credentials.secretAccessKey,
            sessionToken: "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"
        )
        let signed = SigV4Signer(region: "us-east-1", service: "service").sign(
            SigV4Request(method: "GET", path: "/", headers: [.init(name: "Host", value: "example.amazonaws.com")]),
            with: credentials,
            at: Self.suiteDate
        )
        #expect(signed.signature == "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8")
        #expect(signed.headers.map(\.name) == ["X-Amz-Date", "X-Amz-Security-Token", "Authorization"])
    }

    @Test("The example of the IAM guide")
    func iamExample() {
        let signer = SigV4Signer(region: "us-east-1", service: "iam")
        let request = SigV4Request(
            method: "GET",
            path: "/",
            query: "Action=ListUsers&Version=2010-05-08",
            headers: [
                .init(name: "Host", value: "iam.amazonaws.com"),
                .init(name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8"),
            ]
        )
        let signed = signer.sign(request, with: Self.credentials, at: Self.suiteDate)
        #expect(signed.signature == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
    }

    @Test(
        "Derived keys",
        arguments: [
            ("20150830", "iam", "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"),
            ("20120215", "iam", "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"),
            ("20260102", "ses", "b8da7b268ae48b5a6be5a7ff09acd36d6a3ceed189df17e610601b188ad8f561"),
        ]
    )
    func signingKey(day: String, service: String, key: String) {
        let signer = SigV4Signer(region: "us-east-1", service: service)
        let secret = Self.credentials.secretAccessKey
        #expect(Hex.encode(signer.signingKey(day: day, secretAccessKey: secret)) == key)
        #expect(Hex.encode(signer.signingKey(day: day, secretAccessKey: secret)) == key, "from the cache")
        #expect(Hex.encode(signer.signingKey(day: day, secretAccessKey: secret + "x")) != key)
        for other in 1...20 { _ = signer.signingKey(day: "202701\(other)", secretAccessKey: secret) }
        #expect(Hex.encode(signer.signingKey(day: day, secretAccessKey: secret)) == key, "after others")
    }

    @Test("SES: a send, with and without a session token")
    func sesSend() {
        let body =
            #"{"FromEmailAddress":"sender@example.com","Destination":{"ToAddresses":["recipient@example.org"]},"#
            + #""Content":{"Raw":{"Data":"RnJvbTogYQ=="}},"ConfigurationSetName":"gw"}"#
        #expect(
            Hex.encode(SHA256.hash(body)) == "a469cdafc74cbcc386f55c125dc7056af357c36fcce805c35960deed57072a09"
        )
        let request = SigV4Request(
            method: "POST",
            path: "/v2/email/outbound-emails",
            headers: [
                .init(name: "Host", value: "email.us-east-1.amazonaws.com"),
                .init(name: "Content-Type", value: "application/json"),
            ],
            body: Array(body.utf8)
        )
        let signer = SigV4Signer(region: "us-east-1", service: "ses")
        let plain = signer.sign(request, with: Self.credentials, at: Self.sesDate)
        #expect(plain.signature == "87cc30ff9fa337a65ff98be52f62cfe18728741621067c9eb837ae63daaa273e")
        let session = SigV4Credentials(
            accessKeyID: Self.credentials.accessKeyID,
            secretAccessKey: Self.credentials.secretAccessKey,
            sessionToken: "AQoDYXdzEPT//////////wEXAMPLE=="
        )
        let temporary = signer.sign(request, with: session, at: Self.sesDate)
        #expect(temporary.signature == "ccd30f4114b225aa3e358462e27f0496e82ba20a31b651c82e5651a77730e980")
    }

    @Test("SES: an address in the path is encoded twice, repeated query names are sorted")
    func sesPaths() {
        let signer = SigV4Signer(region: "us-east-1", service: "ses")
        let host = SigV4Request.Header(name: "Host", value: "email.us-east-1.amazonaws.com")
        let byAddress = signer.sign(
            SigV4Request(
                method: "GET",
                path: "/v2/email/suppression/addresses/" + PercentCoding.encode("user+tag@example.com"),
                headers: [host]
            ),
            with: Self.credentials,
            at: Self.sesDate
        )
        #expect(byAddress.canonicalRequest.contains("/user%252Btag%2540example.com\n"))
        #expect(byAddress.signature == "c21568431eb4471f7df58de9212f90a91d994957d244f1d88839c6541a525929")
        let list = signer.sign(
            SigV4Request(
                method: "GET",
                path: "/v2/email/suppression/addresses",
                query: "Reason=BOUNCE&Reason=COMPLAINT&PageSize=1000&NextToken=a%2Fb%3D",
                headers: [host]
            ),
            with: Self.credentials,
            at: Self.sesDate
        )
        #expect(
            list.canonicalRequest.contains(
                "\nNextToken=a%2Fb%3D&PageSize=1000&Reason=BOUNCE&Reason=COMPLAINT\n"
            )
        )
        #expect(list.signature == "4d39cbdd291919eb14786898490f267cdf1e47d57f9a2a5fc88d8708bc4a456a")
    }

    @Test("Values of one name are sorted; what is encoded needlessly, or not at all, is encoded once")
    func canonicalQuery() {
        #expect(CanonicalRequest.query("R=b&R=a&Q=&R=%61b&P") == "P=&Q=&R=a&R=ab&R=b")
        #expect(CanonicalRequest.query("x=a+b c%2f%zz&&y=1=2") == "x=a%2Bb%20c%2F%25zz&y=1%3D2")
        #expect(CanonicalRequest.query("") == "")
    }

    @Test(
        "Dates",
        arguments: [
            (0, "19700101T000000Z"), (-1, "19691231T235959Z"), (951_782_400, "20000229T000000Z"),
            (951_868_799, "20000229T235959Z"), (4_107_542_400, "21000301T000000Z"), (1_767_323_045, "20260102T030405Z"),
            (253_402_300_799, "99991231T235959Z"),
        ]
    )
    func dates(seconds: Int64, text: String) {
        #expect(SigV4Date(unixSeconds: seconds).text == text)
        #expect(SigV4Date(unixSeconds: seconds).day == text.prefix(8))
    }

    @Test("Descriptions show no secret")
    func descriptions() {
        let credentials = SigV4Credentials(accessKeyID: "AKID", secretAccessKey: "hidden", sessionToken: "hidden")
        var dumped = ""
        dump(credentials, to: &dumped)
        #expect(!("\(credentials)" + String(reflecting: credentials) + dumped).contains("hidden"))
    }
}

extension [(String, String)] {
    func appending(_ others: [(String, String)]) -> [SigV4Request.Header] {
        (self + others).map { .init(name: $0.0, value: $0.1) }
    }
}
