import AWS
import Foundation
import Outbound
import Signing
import Testing

@testable import Sealing

/// moto's KMS, which checks key and encryption context as KMS does.
@Suite(
    "A key in moto's KMS",
    .enabled(if: RefereeProcess.folder != nil, RefereeProcess.skipped),
    .serialized,
    RefereeTrait(program: .moto)
)
struct KMSRefereeTests {
    private let url = RefereeScope.url

    private func makeKey() async throws -> String {
        struct Answer: Decodable {
            struct Metadata: Decodable {
                let Arn: String
            }
            let KeyMetadata: Metadata
        }
        let answer = try await TestHTTP.client.send(
            .init(
                method: .post,
                url: url + "/",
                headers: [
                    "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.CreateKey",
                    "Authorization":
                        "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/kms/aws4_request, SignedHeaders=host, Signature=0",
                ],
                body: Array("{}".utf8)
            )
        )
        return try JSONDecoder().decode(Answer.self, from: Data(answer.body)).KeyMetadata.Arn
    }

    private func masters(_ arn: String) throws -> MasterKeys {
        let key = try KMSKey(
            arn: arn,
            endpoint: url,
            selection: .chain,
            settings: CredentialSettings(
                environment: ["AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "secret"],
                homeFolder: nil
            ),
            http: TestHTTP.client,
            logger: TestHTTP.quiet
        )
        return try #require(MasterKeys(file: nil, kms: key))
    }

    @Test("Wraps a data key and unwraps it, for its number only, also under another key than the current one")
    func roundTrip() async throws {
        let first = try await makeKey()
        let second = try await makeKey()
        let data = SecureRandom.bytes(32)
        let wrapped = try await masters(first).wrap(data, number: 5)
        #expect(wrapped != data && wrapped.count > data.count)
        #expect(try await masters(first).unwrap(wrapped, under: first, number: 5) == data)
        #expect(try await masters(second).unwrap(wrapped, under: first, number: 5) == data)
        let moved = await #expect(throws: SealingError.self) {
            try await masters(first).unwrap(wrapped, under: first, number: 6)
        }
        #expect(moved?.code == .wrongKey, "\(moved?.message ?? "")")
    }

    @Test("A key that is not there is named")
    func missing() async throws {
        let arn = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
        let error = await #expect(throws: SealingError.self) {
            try await masters(arn).wrap(SecureRandom.bytes(32), number: 1)
        }
        #expect(error?.code == .missingKey && error?.message.contains(arn) == true, "\(error?.message ?? "")")
    }

    @Test(
        "An alias, or what is no key, is refused",
        arguments: ["alias/mail", "arn:aws:kms:eu-central-1:1:alias/mail", "arn:aws:s3:::b"]
    )
    func alias(arn: String) {
        #expect(throws: SealingError.self) { try masters(arn) }
    }
}
