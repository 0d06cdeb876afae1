import AWS
import Outbound
import SES
import Signing

/// Clients of a server on loopback.
enum TestSES {
    static let credentials = CredentialProvider(
        fixed: AWSCredentials(keys: .init(accessKeyID: "AKID", secretAccessKey: "secret"), source: "test")
    )

    static func client(
        _ url: String,
        configurationSet: String? = nil,
        credentials: CredentialProvider = credentials,
        timeouts: Timeouts = Timeouts(connect: .seconds(5), response: .seconds(20), total: .seconds(40))
    ) throws(AWSError) -> SESClient {
        SESClient(
            aws: try AWSClient(
                .ses,
                region: "us-east-1",
                endpoint: url,
                credentials: credentials,
                client: TestHTTP.client,
                logger: TestHTTP.quiet
            ),
            configurationSet: configurationSet,
            timeouts: timeouts
        )
    }
}
