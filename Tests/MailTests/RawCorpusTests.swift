import Foundation
import Testing

@testable import Mail

/// Real messages: the test corpus of CPython's own `email` package, where the Python that runs here brings it.
@Suite struct RawCorpusTests {
    /// What is refused and why, for a reviewer to judge. Every other message of the corpus is accepted.
    private static let refused: [String: String] = [
        // "From: foo": the text exercises broken addresses.
        "msg_05.txt": "the From header holds an address that cannot be used: the address has no @",
        // Parts, digests and reports without a sender of their own.
        "msg_11.txt": "there is no From header",
        "msg_18.txt": "there is no From header",
        "msg_37.txt": "there is no From header",
        "msg_38.txt": "there is no From header",
        "msg_39.txt": "there is no From header",
        "msg_40.txt": "there is no From header",
        // A text that starts with prose.
        "msg_19.txt": "the first line is no header field: the message has no header section",
        // Saved from mailbox files.
        "msg_25.txt": "the message starts with the \"From \" line of a mailbox file, which is no header field",
        "msg_43.txt": "the message starts with the \"From \" line of a mailbox file, which is no header field",
        // A line of prose amid the header.
        "msg_35.txt": "line 4 is neither a header field nor the empty line that ends the header section",
    ]

    private struct Entry: Decodable {
        let data: Data
        let from: [String]
        let bcc: Bool
    }

    private static let script = """
        import base64, email, glob, json, os, sys
        from email import policy
        try:
            import test.test_email
            folder = os.path.join(os.path.dirname(test.test_email.__file__), 'data')
        except ImportError:
            folder = ''
        result = {}
        for path in sorted(glob.glob(os.path.join(folder, 'msg_*.txt'))):
            data = open(path, 'rb').read()
            message = email.message_from_bytes(data, policy=policy.default)
            header = message['from']
            result[os.path.basename(path)] = {
                'data': base64.b64encode(data).decode(), 'bcc': 'bcc' in message,
                'from': [] if header is None else [a.addr_spec for a in header.addresses]}
        print(json.dumps(result))
        """

    private static let corpus: [String: Entry] = {
        let output = try? Python.run(script)
        return output.flatMap { try? JSONDecoder().decode([String: Entry].self, from: $0) } ?? [:]
    }()

    @Test(.enabled(if: !corpus.isEmpty, "this Python does not bring the messages of its test suite"))
    func everyMessageIsAcceptedOrRefusedWithAReason() {
        for (name, entry) in Self.corpus.sorted(by: { $0.key < $1.key }) {
            do {
                let message = try RawMessage(parsing: [UInt8](entry.data))
                #expect(Self.refused[name] == nil, "\(name) was refused before")
                #expect(message.from.map { $0.addrSpec.lowercased() } == entry.from.map { $0.lowercased() }, "\(name)")
                if !entry.bcc { #expect(message.bytes == [UInt8](entry.data), "\(name) changed") }
            } catch {
                #expect(Self.refused[name] == error.description, "\(name)")
            }
        }
    }

    @Test(.enabled(if: !corpus.isEmpty, "this Python does not bring the messages of its test suite"))
    func mostAreAccepted() {
        let accepted = Self.corpus.values.count { (try? RawMessage(parsing: [UInt8]($0.data))) != nil }
        #expect(accepted * 4 >= Self.corpus.count * 3)
    }
}
