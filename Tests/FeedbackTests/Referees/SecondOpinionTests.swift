import Foundation
import Signing
import Testing

@testable import Feedback

/// A second implementation of SNS's signatures, over Python's `cryptography`, makes envelopes, alters them and says which
/// verify; ours must say the same of each.
@Suite("A second opinion on signatures", .enabled(if: RefereeProcess.folder != nil, RefereeProcess.skipped))
struct SecondOpinionTests {
    private struct Case: Decodable {
        let body: String
        let valid: Bool
        let note: String
    }

    @Test("Both agree on valid and altered envelopes of each kind and version", .timeLimit(.minutes(5)))
    func agreement() async throws {
        let lines = try Self.run(Self.script, input: TestKeys.trusted.pem).split(separator: "\n")
        let cases = try lines.map { try JSONDecoder().decode(Case.self, from: Data($0.utf8)) }
        #expect(cases.count > 2000)
        #expect(cases.count(where: \.valid) > 200)
        let verifier = SNSVerifier(
            trusted: TestKeys.trusted.certificates,
            certificates: SigningCertificates(policy: CertificatePolicy(roots: TrustStore(roots: []))) {
                (_) async throws(SigningCertificates.Failure) in throw .unavailable("no network")
            }
        )
        let now = Date()
        for item in cases {
            let envelope = try? SNSEnvelope(Array(item.body.utf8))
            let isValid =
                if let envelope { await verifier.verdict(on: envelope, now: now) == .authentic } else { false }
            #expect(isValid == item.valid, "\(item.note): \(item.body)")
        }
    }

    private static func run(_ script: String, input: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: (RefereeProcess.folder ?? "") + "/bin/python3")
        process.arguments = ["-c", script]
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let output = standardOutput.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw RefereeFailure(description: "the script failed") }
        return String(decoding: output, as: UTF8.self)
    }

    private static let script = #"""
        import base64, json, random, sys
        from cryptography import x509
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding

        pem = sys.stdin.read().encode()
        key = serialization.load_pem_private_key(pem, None)
        public = x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERTIFICATE"):]).public_key()
        random.seed(4711)
        SIGNED = {
            "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
            "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
        }
        SIGNED["UnsubscribeConfirmation"] = SIGNED["SubscriptionConfirmation"]

        def text(envelope):
            names = SIGNED[envelope["Type"]]
            return "".join(f"{n}\n{envelope[n]}\n" for n in sorted(names) if n in envelope).encode()

        def digest(version):
            return {"1": hashes.SHA1(), "2": hashes.SHA256()}[version]

        def verify(envelope):
            try:
                needed = [n for n in SIGNED[envelope["Type"]] if n != "Subject"]
                if any(not isinstance(envelope[n], str) for n in needed): return False
                if any(envelope[n] == "" for n in needed if n != "Message"): return False
                if any("\n" in envelope.get(n, "") for n in needed + ["Subject"] if n != "Message"): return False
                signature = base64.b64decode(envelope["Signature"], validate=True)
                public.verify(signature, text(envelope), padding.PKCS1v15(), digest(envelope["SignatureVersion"]))
                return True
            except (InvalidSignature, KeyError, ValueError):
                return False

        def words(length, lines=""):
            letters = lines + "ab \t\r\"\\/{}:,äß€😀\u2028\u0001\u007f"
            return "".join(random.choice(letters) for _ in range(length))

        def show(envelope, note):
            members = list(envelope.items())
            random.shuffle(members)
            body = json.dumps(dict(members), ensure_ascii=random.random() < 0.5, indent=random.choice([None, 2]))
            print(json.dumps({"body": body, "valid": verify(envelope), "note": note}))

        for kind in SIGNED:
            for version in "12":
                for number in range(40):
                    e = {
                        "Type": kind, "MessageId": words(20) + "x", "TopicArn": "arn:aws:sns:eu-central-1:123456789012:t",
                        "Message": words(random.randrange(200), "\n\n"), "Timestamp": "2026-01-02T03:04:05.678Z",
                        "SignatureVersion": version, "UnsubscribeURL": "https://x.example/", "SigningCertURL": "https://x/",
                    }
                    if kind == "Notification":
                        if number % 2: e["Subject"] = words(30)
                    else:
                        e["Token"] = words(40) + "x"
                        e["SubscribeURL"] = "https://x.example/?" + words(9).strip()
                    e["Signature"] = base64.b64encode(key.sign(text(e), padding.PKCS1v15(), digest(version))).decode()
                    show(e, "valid")
                    for name in SIGNED[kind]:
                        value = e.get(name, "")
                        at = random.randrange(len(value) + 1)
                        show({**e, name: value[:at] + random.choice("xé\n") + value[at:]}, "longer " + name)
                        if value:
                            at = random.randrange(len(value))
                            show({**e, name: value[:at] + value[at + 1:]}, "shorter " + name)
                        show({n: v for n, v in e.items() if n != name}, "without " + name)
                    show({**e, "Type": random.choice(list(SIGNED))}, "another type")
                    show({**e, "SignatureVersion": random.choice(["1", "2", "3", ""])}, "another version")
                    raw = bytearray(base64.b64decode(e["Signature"]))
                    raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
                    show({**e, "Signature": base64.b64encode(bytes(raw)).decode()}, "another signature")
                    show({**e, "UnsubscribeURL": "changed"}, "not signed")
        """#
}
