import Logging
import Outbound
import Signing
import Testing

@testable import AWS

/// Users and roles of MiniStack, made by its root (`test`, `test`).
struct RefereeIAM {
    private let aws: AWSClient

    init(_ url: String) throws(AWSError) {
        let root = AWSCredentials(keys: .init(accessKeyID: "test", secretAccessKey: "test"), source: "test")
        aws = try AWSClient(
            AWSService(signingName: "iam", hostPrefix: "iam"),
            region: "us-east-1",
            endpoint: url,
            credentials: CredentialProvider(fixed: root),
            client: TestHTTP.client,
            logger: TestHTTP.quiet
        )
    }

    static let allowAll =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#

    /// A user who may do everything, and its keys.
    func makeUser(_ name: String) async throws -> SigV4Credentials {
        try await call("CreateUser", ["UserName": name])
        try await call("PutUserPolicy", ["UserName": name, "PolicyName": "all", "PolicyDocument": Self.allowAll])
        let answer = try await call("CreateAccessKey", ["UserName": name])
        let key = try #require(answer["CreateAccessKeyResult"]?["AccessKey"])
        return SigV4Credentials(
            accessKeyID: try #require(key["AccessKeyId"]?.text),
            secretAccessKey: try #require(key["SecretAccessKey"]?.text)
        )
    }

    /// A role that may do everything, and its ARN. `trust` says who may assume it.
    func makeRole(_ name: String, trust: String) async throws -> String {
        let answer = try await call("CreateRole", ["RoleName": name, "AssumeRolePolicyDocument": trust])
        try await call("PutRolePolicy", ["RoleName": name, "PolicyName": "all", "PolicyDocument": Self.allowAll])
        return try #require(answer["CreateRoleResult"]?["Role"]?["Arn"]?.text)
    }

    static func trust(principal: String, action: String) -> String {
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":\#(principal),"Action":"\#(action)"}]}"#
    }

    @discardableResult
    func call(_ action: String, _ parameters: [String: String]) async throws -> XMLElement {
        let form = parameters.merging(["Action": action, "Version": "2010-05-08"]) { $1 }
            .map { "\(PercentCoding.encode($0.key))=\(PercentCoding.encode($0.value))" }
            .joined(separator: "&")
        let call = AWSCall(
            method: .post,
            path: "/",
            contentType: "application/x-www-form-urlencoded; charset=utf-8",
            body: Array(form.utf8)
        )
        let reply = try await aws.send(call)
        let text = String(decoding: reply.body, as: UTF8.self)
        guard reply.serviceError == nil else { throw RefereeFailure(description: "\(action): \(reply.status) \(text)") }
        return try #require(XMLElement.parse(reply.body), "\(text)")
    }
}
