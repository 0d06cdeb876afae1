import Foundation
import Signing
import Testing

@testable import AWS

/// Where credentials are found, in which order, and what is said when they are not.
@Suite("The credential chain")
struct CredentialChainTests {
    private let home: CredentialHome

    init() throws {
        home = try CredentialHome()
    }

    private func failure(_ selection: CredentialSelection = .chain, sts: String? = nil) async -> AWSError? {
        await #expect(throws: AWSError.self) { try await home.load(selection, sts: sts) }
    }

    /// An STS that gives keys whose id says what it was asked for.
    private func sts() throws -> LoopbackServer {
        try LoopbackServer { _ in .status(200, CredentialChainTests.answer(action: "AssumeRole")) }
    }

    static func answer(action: String, id: String = "ASSUMED") -> String {
        """
        <\(action)Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><\(action)Result><Credentials>
        <AccessKeyId>\(id)</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t&amp;t</SessionToken>
        <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></\(action)Result></\(action)Response>
        """
    }

    // MARK: Environment and files

    @Test("The environment comes first, with its session token")
    func environment() async throws {
        try home.write(".aws/credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s")
        home.environment["AWS_ACCESS_KEY_ID"] = "ENV"
        home.environment["AWS_SECRET_ACCESS_KEY"] = "s"
        home.environment["AWS_SESSION_TOKEN"] = "t"
        let found = try await home.load()
        #expect(found.keys == SigV4Credentials(accessKeyID: "ENV", secretAccessKey: "s", sessionToken: "t"))
        #expect(found.source == "environment")
    }

    @Test("Half a pair in the environment is an error, not the next source's turn")
    func halfEnvironment() async throws {
        home.environment["AWS_ACCESS_KEY_ID"] = "ENV"
        let error = await failure()
        #expect(error?.code == .credentials)
        #expect(error?.message.contains("AWS_SECRET_ACCESS_KEY is not") == true)
    }

    @Test("The credentials file comes before the config file; AWS_PROFILE chooses")
    func files() async throws {
        try home.write(
            ".aws/credentials",
            "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\naws_session_token = t"
        )
        try home.write(
            ".aws/config",
            """
            [default]
            aws_access_key_id = CONFIG
            aws_secret_access_key = s
            [profile only config]
            aws_access_key_id = CONFIG
            aws_secret_access_key = s
            """
        )
        let first = try await home.load()
        #expect(first.keys.accessKeyID == "FILE")
        #expect(first.keys.sessionToken == "t")
        home.environment["AWS_PROFILE"] = "only config"
        let second = try await home.load()
        #expect(second.keys.accessKeyID == "CONFIG")
        #expect(second.source == "profile \"only config\"")
        home.environment["AWS_PROFILE"] = "nobody"
        #expect(await failure()?.message.contains("AWS_PROFILE names profile \"nobody\"") == true)
    }

    @Test("A profile that is asked for by name is the only source")
    func named() async throws {
        home.environment["AWS_ACCESS_KEY_ID"] = "ENV"
        home.environment["AWS_SECRET_ACCESS_KEY"] = "s"
        try home.write(
            ".aws/credentials",
            "[mail]\naws_access_key_id = MAIL\naws_secret_access_key = s\n[empty]\nregion = x\n[half]\naws_access_key_id = A"
        )
        #expect(try await home.load(.profile("mail")).keys.accessKeyID == "MAIL")
        let empty = await failure(.profile("empty"))
        #expect(empty?.code == .noCredentials)
        #expect(empty?.message.contains("profile \"empty\"") == true)
        #expect(await failure(.profile("nobody"))?.message.contains("there is no profile \"nobody\"") == true)
        #expect(await failure(.profile("half"))?.message.contains("no aws_secret_access_key") == true)
    }

    @Test(
        "What is not supported says so and names the profile",
        arguments: [
            ("sso_session = corp", "IAM Identity Center"), ("sso_start_url = https://x", "IAM Identity Center"),
            ("login_session = x", "console login"), ("credential_process = /bin/x --secret", "credential_process"),
        ]
    )
    func unsupported(line: String, what: String) async throws {
        try home.write(".aws/config", "[profile p]\n\(line)")
        for selection in [CredentialSelection.profile("p"), .chain] {
            home.environment["AWS_PROFILE"] = "p"
            let error = await failure(selection)
            #expect(error?.code == .configuration)
            #expect(error?.message.contains(what) == true && error?.message.contains("profile \"p\"") == true)
            #expect(error?.message.contains("not supported") == true)
            #expect(error?.message.contains("/bin/x") == false)
        }
    }

    @Test("Keys in the credentials file come before credential_process")
    func keysBeforeProcess() async throws {
        try home.write(".aws/credentials", "[p]\naws_access_key_id = KEY\naws_secret_access_key = s")
        try home.write(".aws/config", "[profile p]\ncredential_process = x")
        #expect(try await home.load(.profile("p")).keys.accessKeyID == "KEY")
    }

    @Test("Nothing anywhere: every place is named, with what to do")
    func nothing() async throws {
        let error = await failure()
        #expect(error?.code == .noCredentials)
        for part in [
            "no credentials found", "environment (AWS_ACCESS_KEY_ID is not set)", "web identity",
            "profile \"default\" in ",
            home.path + "/.aws/credentials", "container", "instance metadata (AWS_EC2_METADATA_DISABLED is true)",
            "Set AWS_",
        ] {
            #expect(error?.message.contains(part) == true, "\(part) in \(error?.message ?? "")")
        }
    }

    // MARK: Roles

    @Test("A role with a source profile: signed with its keys, all parameters sent")
    func role() async throws {
        let sts = try sts()
        try home.write(".aws/credentials", "[base]\naws_access_key_id = BASE\naws_secret_access_key = s")
        try home.write(
            ".aws/config",
            """
            [profile r]
            role_arn = arn:aws:iam::123456789012:role/mail
            source_profile = base
            role_session_name = gateway@1
            external_id = a b/c
            duration_seconds = 1800
            region = eu-west-1
            """
        )
        let found = try await home.load(.profile("r"), sts: sts.url)
        #expect(found.keys == SigV4Credentials(accessKeyID: "ASSUMED", secretAccessKey: "s", sessionToken: "t&t"))
        #expect(found.expiration == AWSDate.parse("2099-01-01T00:00:00Z"))
        #expect(found.source == "role arn:aws:iam::123456789012:role/mail")
        let request = try #require(sts.requests.first)
        #expect(request.method == "POST" && request.target == "/")
        #expect(
            request.text
                == "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fmail"
                + "&RoleSessionName=gateway%401&ExternalId=a%20b%2Fc&DurationSeconds=1800"
        )
        #expect(request.header("authorization")?.contains("Credential=BASE/") == true)
        #expect(request.header("authorization")?.contains("/eu-west-1/sts/aws4_request") == true)
    }

    @Test("Roles of roles: each is assumed with the one before")
    func chained() async throws {
        let sts = try LoopbackServer { request in
            let used = request.header("authorization")?.contains("Credential=BASE/") == true ? "ONE" : "TWO"
            return .status(200, CredentialChainTests.answer(action: "AssumeRole", id: used))
        }
        try home.write(".aws/credentials", "[base]\naws_access_key_id = BASE\naws_secret_access_key = s")
        try home.write(
            ".aws/config",
            """
            [profile two]
            role_arn = arn:aws:iam::1:role/two
            source_profile = one
            [profile one]
            role_arn = arn:aws:iam::1:role/one
            source_profile = base
            """
        )
        #expect(try await home.load(.profile("two"), sts: sts.url).keys.accessKeyID == "TWO")
        let requests = sts.requests
        #expect(requests.map { $0.text.contains("role%2Fone") } == [true, false])
        #expect(requests.last?.header("authorization")?.contains("Credential=ONE/") == true)
        #expect(requests.last?.header("x-amz-security-token") == "t&t")
    }

    @Test("Source profiles that go round in a circle")
    func circle() async throws {
        try home.write(
            ".aws/config",
            """
            [profile a]
            role_arn = arn:aws:iam::1:role/a
            source_profile = b
            [profile b]
            role_arn = arn:aws:iam::1:role/b
            source_profile = a
            [profile self]
            role_arn = arn:aws:iam::1:role/s
            source_profile = self
            """
        )
        #expect(await failure(.profile("a"))?.message.contains("a -> b -> a") == true)
        #expect(await failure(.profile("self"))?.message.contains("self -> self") == true)
    }

    @Test("A profile with keys may be its own source")
    func ownSource() async throws {
        let sts = try sts()
        try home.write(".aws/credentials", "[s]\naws_access_key_id = OWN\naws_secret_access_key = s")
        try home.write(".aws/config", "[profile s]\nrole_arn = arn:aws:iam::1:role/s\nsource_profile = s")
        #expect(try await home.load(.profile("s"), sts: sts.url).keys.accessKeyID == "ASSUMED")
        #expect(sts.requests.first?.header("authorization")?.contains("Credential=OWN/") == true)
        #expect(sts.requests.first?.text.contains("RoleSessionName=sluice") == true)
    }

    @Test("credential_source, and the role of an account on top of the chain")
    func credentialSource() async throws {
        let sts = try sts()
        home.environment["AWS_ACCESS_KEY_ID"] = "ENV"
        home.environment["AWS_SECRET_ACCESS_KEY"] = "s"
        try home.write(".aws/config", "[profile e]\nrole_arn = arn:aws:iam::1:role/e\ncredential_source = Environment")
        #expect(try await home.load(.profile("e"), sts: sts.url).keys.accessKeyID == "ASSUMED")
        #expect(try await home.load(.role(arn: "arn:aws:iam::1:role/x"), sts: sts.url).keys.accessKeyID == "ASSUMED")
        #expect(sts.requests.allSatisfy { $0.header("authorization")?.contains("Credential=ENV/") == true })
        #expect(sts.requests.last?.text.contains("role%2Fx") == true)
    }

    @Test(
        "Roles that cannot be assumed",
        arguments: [
            ("role_arn = arn:aws:iam::1:role/r", "neither source_profile nor credential_source"),
            ("role_arn = arn:aws:iam::1:role/r\nsource_profile = a\ncredential_source = Environment", "both"),
            ("role_arn = arn:aws:iam::1:role/r\nsource_profile = nobody", "source_profile \"nobody\""),
            ("role_arn = arn:aws:iam::1:role/r\nsource_profile = empty", "\"empty\" has no credentials"),
            ("role_arn = arn:aws:iam::1:role/r\ncredential_source = Moon", "'Moon'"),
            ("role_arn = arn:aws:iam::1:role/r\ncredential_source = Environment", "AWS_ACCESS_KEY_ID is not set"),
            ("role_arn = nonsense\nsource_profile = base", "not the ARN of a role"),
            ("role_arn = arn:aws:iam::1:role/r\nsource_profile = base\nrole_session_name = x", "2 to 64"),
            ("role_arn = arn:aws:iam::1:role/r\nsource_profile = base\nduration_seconds = 60", "duration_seconds"),
            ("role_arn = arn:aws:iam::1:role/r\nsource_profile = base\nmfa_serial = x", "mfa_serial"),
        ]
    )
    func badRoles(lines: String, words: String) async throws {
        try home.write(
            ".aws/config",
            "[profile r]\n\(lines)\n[profile empty]\nregion = x\n[profile base]\naws_access_key_id = A\n"
                + "aws_secret_access_key = s"
        )
        let error = await failure(.profile("r"))
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("STS refuses: its code and words are passed on, and it is not asked again")
    func refused() async throws {
        let sts = try LoopbackServer(replies: [
            .status(
                403,
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not you</Message></Error>"
                    + "<RequestId>1</RequestId></ErrorResponse>"
            )
        ])
        home.environment["AWS_ACCESS_KEY_ID"] = "ENV"
        home.environment["AWS_SECRET_ACCESS_KEY"] = "very secret"
        let error = await failure(.role(arn: "arn:aws:iam::1:role/x"), sts: sts.url)
        #expect(error?.code == .credentials)
        #expect(error?.message == "AssumeRole for arn:aws:iam::1:role/x failed: AccessDenied (status 403) not you")
        #expect(sts.requests.count == 1)
    }

    @Test("STS is asked three times when it is out of order")
    func outOfOrder() async throws {
        let sts = try LoopbackServer(replies: [
            .status(503), .hangUp(afterBody: true), .status(200, Self.answer(action: "AssumeRole")),
        ])
        home.environment["AWS_ACCESS_KEY_ID"] = "ENV"
        home.environment["AWS_SECRET_ACCESS_KEY"] = "s"
        let found = try await home.load(.role(arn: "arn:aws:iam::1:role/x"), sts: sts.url)
        #expect(found.keys.accessKeyID == "ASSUMED")
        #expect(sts.requests.count == 3)
        let broken = try LoopbackServer(replies: [.status(200, "<html></html>")])
        let error = await failure(.role(arn: "arn:aws:iam::1:role/x"), sts: broken.url)
        #expect(error?.message.contains("holds no credentials") == true)
    }

    // MARK: Web identity

    @Test("Web identity: the token is read for each call and vouches alone")
    func webIdentity() async throws {
        let sts = try LoopbackServer { _ in
            .status(200, CredentialChainTests.answer(action: "AssumeRoleWithWebIdentity", id: "WEB"))
        }
        home.environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = try home.write("token", "one\n")
        home.environment["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/web"
        home.environment["AWS_ROLE_SESSION_NAME"] = "pod"
        #expect(try await home.load(sts: sts.url).keys.accessKeyID == "WEB")
        try home.write("token", "two")
        _ = try await home.load(sts: sts.url)
        #expect(
            sts.requests.map(\.text)
                == ["one", "two"].map {
                    "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fweb"
                        + "&RoleSessionName=pod&WebIdentityToken=\($0)"
                }
        )
        #expect(sts.requests.allSatisfy { $0.header("authorization") == nil })
    }

    @Test("Web identity in a profile")
    func webIdentityProfile() async throws {
        let sts = try LoopbackServer { _ in
            .status(200, CredentialChainTests.answer(action: "AssumeRoleWithWebIdentity", id: "WEB"))
        }
        try home.write("token", "abc")
        try home.write(
            ".aws/config",
            "[profile w]\nrole_arn = arn:aws:iam::1:role/web\nweb_identity_token_file = ~/token"
        )
        #expect(try await home.load(.profile("w"), sts: sts.url).keys.accessKeyID == "WEB")
    }

    @Test("Web identity that is half set up")
    func badWebIdentity() async throws {
        home.environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = home.path + "/token"
        #expect(await failure()?.message.contains("set AWS_ROLE_ARN") == true)
        home.environment["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/web"
        #expect(await failure()?.message.contains("/token cannot be read") == true)
        try home.write("token", " \n")
        #expect(await failure()?.message.contains("/token is empty") == true)
    }
}
