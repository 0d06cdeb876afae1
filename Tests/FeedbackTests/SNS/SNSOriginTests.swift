import Testing

@testable import Feedback

@Suite("Whose URL it is")
struct SNSOriginTests {
    private let origin = SNSOrigin(topic: TestEnvelope.topic)

    @Test("Each partition has its host")
    func partitions() {
        for (topic, text, name) in [
            ("arn:aws:sns:us-east-1:123456789012:t", "https://sns.us-east-1.amazonaws.com", "sns.amazonaws.com"),
            (
                "arn:aws-cn:sns:cn-north-1:123456789012:t", "https://sns.cn-north-1.amazonaws.com.cn",
                "sns-cn-north-1.amazonaws.com.cn"
            ),
            (
                "arn:aws:sns:af-south-1:123456789012:t", "https://sns.af-south-1.amazonaws.com",
                "sns-signing.af-south-1.amazonaws.com"
            ),
            (
                "arn:aws-us-gov:sns:us-gov-east-1:123456789012:t", "https://sns.us-gov-east-1.amazonaws.com",
                "sns-us-gov-west-1.amazonaws.com"
            ),
            (
                "arn:aws-eusc:sns:eusc-de-east-1:123456789012:t", "https://sns.eusc-de-east-1.amazonaws.eu",
                "sns-signing.eusc-de-east-1.amazonaws.eu"
            ),
        ] {
            let origin = SNSOrigin(topic: topic)
            #expect(origin?.text == text)
            #expect(origin?.certificateNames.contains(name) == true)
        }
    }

    @Test(
        "What is no topic of SNS has none",
        arguments: [
            "", "arn", "arn:aws:sqs:eu-central-1:123456789012:t", "arn:aws:sns:eu-central-1:123456789012:",
            "arn:aws:sns:eu-central-1:12345678901:t", "arn:aws:sns::123456789012:t", "arn:aws:sns:a.b:123456789012:t",
            "arn:aws:sns:evil.example/:123456789012:t", "arn:aws:sns:EU-CENTRAL-1:123456789012:t",
            "arn:aws:sns:x@y:123456789012:t", "ARN:aws:sns:eu-central-1:123456789012:t",
        ]
    )
    func noTopic(topic: String) { #expect(SNSOrigin(topic: topic) == nil) }

    @Test("Only SNS's own host in the topic's region has its certificates")
    func certificates() {
        #expect(origin?.isCertificate(TestEnvelope.url) == true)
        for url in [
            "", "x",
            "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "HTTPS://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.eu-central-1.amazonaws.com.cn/SimpleNotificationService-0123abcd.pem",
            "https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-0123abcd.pem",
            "https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-0123abcd.pem",
            "https://evil@sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.eu-central-1.amazonaws.com:443/SimpleNotificationService-0123abcd.pem",
            "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-0123abcd.pem",
            "https://sns.eu-central-1.amazonaws.com./SimpleNotificationService-0123abcd.pem",
            "https://SNS.eu-central-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
            "https://sns.eu-central-1.amazonaws.com\\.evil.example/x.pem",
            "https://sns.eu-central-1.amazonaws.com#.evil.example/x.pem",
            "https://sns.eu-central-1.amazonaws.com?.evil.example/x.pem",
            "https://sns.eu-central-1.amazonaws.com%2eevil.example/x.pem",
            "https://sns.eu-central-1.amazon\u{E4}ws.com/x.pem", "https://sn\u{455}.eu-central-1.amazonaws.com/x.pem",
            "https://xn--sn-nlc.eu-central-1.amazonaws.com/x.pem",
            "https://evil.example/sns.eu-central-1.amazonaws.com/x.pem",
            "https://eu-central-1.amazonaws.com/x.pem", "https://sns-eu-central-1.amazonaws.com/x.pem",
            "https://sns.eu-central-1.amazonaws.com/x.pem?y=1", "https://sns.eu-central-1.amazonaws.com/?x=y.pem",
            "https://sns.eu-central-1.amazonaws.com/x.pem#", "https://sns.eu-central-1.amazonaws.com/x.txt",
            "https://sns.eu-central-1.amazonaws.com/a/b.pem", "https://sns.eu-central-1.amazonaws.com/../b.pem",
            "https://sns.eu-central-1.amazonaws.com//b.pem", "https://sns.eu-central-1.amazonaws.com/.pem",
            "https://sns.eu-central-1.amazonaws.com/a b.pem", "https://sns.eu-central-1.amazonaws.com/a\n.pem",
            " https://sns.eu-central-1.amazonaws.com/a.pem", "https://sns.eu-central-1.amazonaws.com/\u{E4}.pem",
            "https://sns.eu-central-1.amazonaws.com/" + String(repeating: "a", count: 201) + ".pem",
        ] {
            #expect(origin?.isCertificate(url) == false, "\(url)")
        }
    }

    @Test("A confirmation goes to the same host, or to the very origin of an emulator")
    func confirmations() {
        let real = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=1"
        #expect(origin?.isConfirmation(real) == true)
        #expect(SNSOrigin.isConfirmation("http://127.0.0.1:4566/?Token=1", at: "http://127.0.0.1:4566"))
        for url in [
            "http://127.0.0.1:45660/?Token=1", "http://127.0.0.1:4566@evil.example/", "http://127.0.0.1:4566",
            "https://127.0.0.1:4566/", "http://127.0.0.1:4566/ x", "http://127.0.0.1:4566/#", "http://127.0.0.1.evil/",
        ] {
            #expect(!SNSOrigin.isConfirmation(url, at: "http://127.0.0.1:4566"), "\(url)")
        }
        for (endpoint, origin) in [
            ("http://127.0.0.1:4566", "http://127.0.0.1:4566"), ("http://127.0.0.1:4566/ses/", "http://127.0.0.1:4566"),
            ("https://ses.test", "https://ses.test"), ("ftp://x", nil), ("http://", nil), ("http://u@h", nil),
        ] {
            #expect(SubscriptionConfirmer.origin(of: endpoint) == origin)
        }
    }
}
