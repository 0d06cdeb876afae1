import Signing
import Testing

@testable import AWS

/// Credentials from the container's endpoint and from the instance's metadata.
@Suite("Container and instance metadata")
struct EndpointSourceTests {
    private static let keys =
        #""AccessKeyId":"AKID","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z""#
    private let home: CredentialHome

    init() throws {
        home = try CredentialHome()
    }

    private func failure() async -> AWSError? {
        await #expect(throws: AWSError.self) { try await home.load() }
    }

    // MARK: Container

    @Test("The full URI is asked with the token of a file that is read each time")
    func container() async throws {
        let server = try LoopbackServer(replies: [.status(200, "{\(Self.keys)}")])
        home.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.url + "/v1/credentials?a=b"
        home.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "variable"
        home.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = try home.write("token", "first\n")
        let found = try await home.load()
        #expect(found.keys == SigV4Credentials(accessKeyID: "AKID", secretAccessKey: "s", sessionToken: "t"))
        #expect(found.expiration == AWSDate.parse("2099-01-01T00:00:00Z"))
        try home.write("token", "second")
        _ = try await home.load()
        home.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = nil
        _ = try await home.load()
        #expect(server.requests.map { $0.header("authorization") } == ["first", "second", "variable"])
        #expect(server.requests.first?.target == "/v1/credentials?a=b")
    }

    @Test("Three tries, then an error that says why")
    func containerTries() async throws {
        let flaky = try LoopbackServer(replies: [
            .status(500), .hangUp(afterBody: true), .status(200, "{\(Self.keys)}"),
        ])
        home.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = flaky.url
        #expect(try await home.load().keys.accessKeyID == "AKID")
        let broken = try LoopbackServer(replies: [.status(404)])
        home.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = broken.url
        let error = await failure()
        #expect(error?.code == .credentials)
        #expect(error?.message.contains("in 3 tries: it answered 404") == true)
        #expect(broken.requests.count == 3)
    }

    @Test(
        "Answers that hold no credentials",
        arguments: [
            ("<html>", "not the JSON"), ("{}", "no AccessKeyId"),
            (#"{"AccessKeyId":"A","SecretAccessKey":"hidden","Expiration":"soon"}"#, "Expiration is not a date"),
            (#"{"Code":"Failed","AccessKeyId":"A","SecretAccessKey":"hidden"}"#, "code is Failed"),
        ]
    )
    func badDocuments(body: String, words: String) async throws {
        let server = try LoopbackServer(replies: [.status(200, body)])
        home.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.url
        let error = await failure()
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("hidden") == false)
    }

    @Test("Addresses and tokens that are refused before anything is asked")
    func badContainers() async throws {
        home.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/"
        #expect(await failure()?.code == .configuration)
        home.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "@example.com/"
        #expect(await failure()?.message.contains("must begin with a slash") == true)
        let server = try LoopbackServer(replies: [.status(200, "{\(Self.keys)}")])
        home.environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = nil
        home.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.url
        home.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "a\r\nX-Evil: 1"
        let error = await failure()
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("Evil") == false)
        #expect(server.requests.isEmpty)
    }

    // MARK: Instance metadata

    /// A metadata service whose token request is answered with `token`.
    private func metadata(token: LoopbackReply) throws -> LoopbackServer {
        let server = try LoopbackServer { request in
            switch (request.method, request.target) {
            case ("PUT", "/latest/api/token"): token
            case ("GET", "/latest/meta-data/iam/security-credentials/"): .status(200, "mail-role\n")
            case ("GET", "/latest/meta-data/iam/security-credentials/mail-role"):
                .status(200, #"{"Code":"Success",\#(Self.keys)}"#)
            default: .status(404)
            }
        }
        home.environment["AWS_EC2_METADATA_DISABLED"] = nil
        home.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = server.url + "/"
        return server
    }

    @Test("Version 2: a token, the role, its keys")
    func version2() async throws {
        let server = try metadata(token: .status(200, "TOKEN=="))
        let found = try await home.load()
        #expect(found.keys == SigV4Credentials(accessKeyID: "AKID", secretAccessKey: "s", sessionToken: "t"))
        #expect(found.source == "instance role mail-role")
        #expect(server.requests.map(\.method) == ["PUT", "GET", "GET"])
        #expect(server.requests.first?.header("x-aws-ec2-metadata-token-ttl-seconds") == "21600")
        #expect(server.requests.dropFirst().allSatisfy { $0.header("x-aws-ec2-metadata-token") == "TOKEN==" })
    }

    @Test("Version 1 only where the token's address is missing, and not when it is forbidden")
    func version1() async throws {
        let server = try metadata(token: .status(403))
        #expect(try await home.load().keys.accessKeyID == "AKID")
        #expect(server.requests.dropFirst().allSatisfy { $0.header("x-aws-ec2-metadata-token") == nil })
        home.environment["AWS_EC2_METADATA_V1_DISABLED"] = "true"
        let before = server.requests.count
        let error = await failure()
        #expect(error?.code == .credentials)
        #expect(error?.message.contains("AWS_EC2_METADATA_V1_DISABLED") == true)
        #expect(server.requests.count == before + 1)
    }

    @Test("A token that is refused in another way is an error")
    func refusedToken() async throws {
        let server = try metadata(token: .status(400))
        #expect(await failure()?.code == .credentials)
        #expect(server.requests.count == 1)
    }

    @Test("Nobody there, or no role: no credentials")
    func absent() async throws {
        home.environment["AWS_EC2_METADATA_DISABLED"] = nil
        home.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:\(try LoopbackServer.freePort())"
        let error = await failure()
        #expect(error?.code == .noCredentials)
        #expect(error?.message.contains("did not answer") == true)
        let server = try LoopbackServer { request in request.method == "PUT" ? .status(200, "T") : .status(404) }
        home.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = server.url
        #expect(await failure()?.message.contains("the instance has no role") == true)
    }

    @Test("A role name that would change the path is not asked for")
    func strangeRole() async throws {
        let server = try LoopbackServer { request in .status(200, request.method == "PUT" ? "T" : "../../x") }
        home.environment["AWS_EC2_METADATA_DISABLED"] = nil
        home.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = server.url
        #expect(await failure()?.code == .credentials)
        #expect(server.requests.count == 2)
    }
}
