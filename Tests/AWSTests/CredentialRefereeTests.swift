import Foundation
import Signing
import Testing

@testable import AWS

/// Credentials fetched from MiniStack, which checks signatures and trust policies.
@Suite(
    "Credentials from MiniStack",
    .enabled(if: RefereeProcess.folder != nil, RefereeProcess.skipped),
    .serialized,
    RefereeTrait(program: .ministack, environment: ["AUTH": "true", "MINISTACK_IMDS_V2_REQUIRED": "1"])
)
struct CredentialRefereeTests {
    private let home: CredentialHome
    private let url = RefereeScope.url

    init() throws {
        home = try CredentialHome()
    }

    @Test("Instance metadata, version 2 required")
    func instance() async throws {
        home.environment["AWS_EC2_METADATA_DISABLED"] = nil
        home.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = url
        // The real one answers at once; a referee on a busy machine does not.
        home.environment["AWS_METADATA_SERVICE_TIMEOUT"] = "30"
        let found = try await home.load()
        #expect(found.source == "instance role ministack-instance-role")
        #expect(found.keys.accessKeyID.hasPrefix("ASIA"))
        #expect(found.keys.sessionToken != nil)
        let end = try #require(found.expiration)
        #expect((3000...3700).contains(end.timeIntervalSinceNow))
    }

    @Test("A container's endpoint")
    func container() async throws {
        home.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url + "/v2/credentials/\(UUID().uuidString)"
        let found = try await home.load()
        #expect(found.source == "container endpoint")
        #expect(found.keys.accessKeyID.hasPrefix("ASIA"))
        #expect(found.expiration != nil)
    }

    @Test("A role: refused to a stranger and to bad keys, given to its user, who chains to the next")
    func roles() async throws {
        let iam = try RefereeIAM(url)
        let keys = try await iam.makeUser("sender")
        let first = try await iam.makeRole(
            "first",
            trust: RefereeIAM.trust(
                principal: #"{"AWS":"arn:aws:iam::000000000000:user/sender"}"#,
                action: "sts:AssumeRole"
            )
        )
        let second = try await iam.makeRole(
            "second",
            trust: RefereeIAM.trust(principal: #"{"AWS":"\#(first)"}"#, action: "sts:AssumeRole")
        )
        try home.write(
            ".aws/credentials",
            """
            [base]
            aws_access_key_id = \(keys.accessKeyID)
            aws_secret_access_key = \(keys.secretAccessKey)
            [tampered]
            aws_access_key_id = \(keys.accessKeyID)
            aws_secret_access_key = \(keys.secretAccessKey)x
            """
        )
        try home.write(
            ".aws/config",
            """
            [profile first]
            role_arn = \(first)
            source_profile = base
            duration_seconds = 900
            [profile second]
            role_arn = \(second)
            source_profile = first
            [profile stranger]
            role_arn = \(second)
            source_profile = base
            [profile forged]
            role_arn = \(first)
            source_profile = tampered
            """
        )
        let one = try await home.load(.profile("first"), sts: url)
        #expect(one.keys.accessKeyID.hasPrefix("ASIA"))
        let end = try #require(one.expiration)
        #expect((800...1000).contains(end.timeIntervalSinceNow))
        let two = try await home.load(.profile("second"), sts: url)
        #expect(two.source == "role \(second)")
        for profile in ["stranger", "forged"] {
            let error = await #expect(throws: AWSError.self) { try await home.load(.profile(profile), sts: url) }
            #expect(error?.code == .credentials)
            #expect(error?.message.contains("(status 403)") == true, "\(error?.message ?? "")")
        }
    }

    @Test("Web identity: unsigned, vouched for by the token")
    func webIdentity() async throws {
        let iam = try RefereeIAM(url)
        let provider = "arn:aws:iam::000000000000:oidc-provider/oidc.example.com"
        let arn = try await iam.makeRole(
            "pod",
            trust: RefereeIAM.trust(
                principal: #"{"Federated":"\#(provider)"}"#,
                action: "sts:AssumeRoleWithWebIdentity"
            )
        )
        func part(_ json: String) -> String {
            Data(json.utf8).base64EncodedString().replacing("=", with: "").replacing("+", with: "-").replacing(
                "/",
                with: "_"
            )
        }
        let claims = #"{"iss":"https://oidc.example.com","sub":"pod","aud":"sts.amazonaws.com","exp":4102444800}"#
        home.environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = try home.write(
            "token",
            "\(part(#"{"alg":"RS256"}"#)).\(part(claims)).c2ln"
        )
        home.environment["AWS_ROLE_ARN"] = arn
        let found = try await home.load(sts: url)
        #expect(found.source == "role \(arn)")
        #expect(found.keys.sessionToken != nil)
        try home.write("token", "\(part("{}")).\(part(#"{"iss":"https://other.example.com"}"#)).c2ln")
        let error = await #expect(throws: AWSError.self) { try await home.load(sts: url) }
        #expect(error?.message.contains("AccessDenied") == true, "\(error?.message ?? "")")
    }
}
