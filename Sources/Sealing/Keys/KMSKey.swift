public import AWS
import Foundation
public import Logging
public import Outbound

/// A master key in AWS KMS: data keys go there to be wrapped and unwrapped, and it never leaves.
public struct KMSKey: Sendable {
    /// What their names begin with where they are stored.
    static let prefix = "arn:"

    /// The key's ARN.
    let name: String
    private let aws: AWSClient

    /// - Parameters:
    ///   - arn: of the key itself. An alias may be turned to another key, and would name the wrong one then.
    ///   - endpoint: nil for AWS's own.
    /// - Throws: `SealingError.configuration`.
    public init(
        arn: String,
        endpoint: String?,
        selection: CredentialSelection,
        settings: CredentialSettings,
        http: HTTPClient,
        logger: Logger
    ) throws(SealingError) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "kms", !parts[3].isEmpty, parts[5].hasPrefix("key/")
        else {
            throw SealingError(
                .configuration,
                "'\(arn)' is not the ARN of a KMS key, such as arn:aws:kms:eu-central-1:111122223333:key/..."
            )
        }
        let region = String(parts[3])
        var settings = settings
        settings.region = region
        do throws(AWSError) {
            aws = try AWSClient(
                .kms,
                region: region,
                endpoint: endpoint,
                credentials: CredentialProvider(selection, settings: settings, client: http, logger: logger),
                client: http,
                logger: logger
            )
        } catch {
            throw SealingError(.configuration, "KMS cannot be used: \(error.message)")
        }
        name = arn
    }

    /// - Parameter context: has to be the same for unwrapping, and stands in CloudTrail.
    func wrap(_ key: [UInt8], context: [String: String]) async throws(SealingError) -> [UInt8] {
        struct Request: Encodable {
            let KeyId: String
            let Plaintext: Data
            let EncryptionContext: [String: String]
        }
        struct Answer: Decodable {
            let CiphertextBlob: Data
        }
        let answer: Answer = try await call(
            "Encrypt",
            Request(KeyId: name, Plaintext: Data(key), EncryptionContext: context),
            key: name
        )
        return Array(answer.CiphertextBlob)
    }

    /// - Parameter name: of the key that wrapped, which may be another one that the credentials may use.
    func unwrap(_ wrapped: [UInt8], under name: String, context: [String: String]) async throws(SealingError) -> [UInt8]
    {
        struct Request: Encodable {
            let KeyId: String
            let CiphertextBlob: Data
            let EncryptionContext: [String: String]
        }
        struct Answer: Decodable {
            let Plaintext: Data
        }
        let answer: Answer = try await call(
            "Decrypt",
            Request(KeyId: name, CiphertextBlob: Data(wrapped), EncryptionContext: context),
            key: name
        )
        return Array(answer.Plaintext)
    }

    private func call<Answer: Decodable>(
        _ action: String,
        _ request: some Encodable,
        key: String
    ) async throws(SealingError) -> Answer {
        guard let body = try? JSONEncoder().encode(request) else {
            throw SealingError(.configuration, "the request to KMS cannot be written")
        }
        var call = AWSCall(
            method: .post,
            path: "/",
            contentType: "application/x-amz-json-1.1",
            headers: ["X-Amz-Target": "TrentService.\(action)"],
            body: Array(body)
        )
        call.timeouts = Timeouts(connect: .seconds(3), response: .seconds(5), total: .seconds(8))
        let reply: AWSReply
        do throws(AWSError) {
            reply = try await aws.send(call)
        } catch {
            throw SealingError(.unavailable, "KMS cannot be asked about key '\(key)': \(error.message)")
        }
        if let refusal = reply.serviceError { throw Self.error(refusal, action, key: key) }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply.body)) else {
            throw SealingError(.unavailable, "KMS's answer to \(action) is not understood")
        }
        return answer
    }

    private static func error(_ refusal: ServiceError, _ action: String, key: String) -> SealingError {
        let code = refusal.code ?? "status \(refusal.status)"
        let detail = "KMS refuses \(action) with key '\(key)': \(code)"
        switch code {
        case "NotFoundException", "DisabledException", "KMSInvalidStateException", "AccessDeniedException":
            return SealingError(.missingKey, detail + "; check the key's state and who may use it")
        case "InvalidCiphertextException", "IncorrectKeyException":
            return SealingError(.wrongKey, detail + "; it is not the key that wrapped")
        default: return SealingError(.unavailable, detail)
        }
    }
}
