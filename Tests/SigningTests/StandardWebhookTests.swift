import Signing
import Testing

struct StandardWebhookTests {
    /// From libraries/go/webhook_test.go of the specification's repository.
    @Test func knownAnswer() throws {
        let secret = try #require(WebhookSecret(text: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let signature = StandardWebhook.sign(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8),
            secret: secret
        )
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func everySecretSigns() throws {
        let secrets = [WebhookSecret.generate(), WebhookSecret.generate()]
        let header = StandardWebhook.header(id: "a", timestamp: 1, body: [1, 2], secrets: secrets)
        let alone = secrets.map { StandardWebhook.sign(id: "a", timestamp: 1, body: [1, 2], secret: $0) }
        #expect(header.split(separator: " ").map(String.init) == alone)
        #expect(alone[0] != alone[1])
    }

    @Test func aSecretReadsWhatItPrints() throws {
        let secret = WebhookSecret.generate()
        #expect(secret.bytes.count == 32)
        #expect(secret.text.hasPrefix("whsec_"))
        #expect(WebhookSecret(text: secret.text) == secret)
        #expect(!"\(secret)\(String(reflecting: secret))".contains(secret.text.dropFirst(6)))
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("\(secret.bytes[0])\n"))
    }

    @Test(arguments: [
        "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS=",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS w", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La",
    ])
    func otherTextIsRefused(text: String) {
        #expect(WebhookSecret(text: text) == nil)
    }

    @Test func lengthsAreBounded() {
        #expect(WebhookSecret(bytes: Array(repeating: 0, count: 23)) == nil)
        #expect(WebhookSecret(bytes: Array(repeating: 0, count: 24)) != nil)
        #expect(WebhookSecret(bytes: Array(repeating: 0, count: 64)) != nil)
        #expect(WebhookSecret(bytes: Array(repeating: 0, count: 65)) == nil)
    }
}
