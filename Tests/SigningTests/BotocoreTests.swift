import Foundation
import Signing
import Testing

/// Generated requests signed here and by botocore, which must agree.
@Suite("SigV4 against botocore", .enabled(if: Referee.python != nil, "SLUICE_REFEREES names no virtual environment"))
struct BotocoreTests {
    struct Sample: Codable {
        let method: String
        let path: String
        let query: String
        let headers: [[String]]
        let body: String
        let token: String?
        let timestamp: String
    }

    /// Reads samples from standard input and prints one signature a line.
    static let script = """
        import json, sys, datetime
        import botocore.auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        from botocore.compat import HTTPHeaders
        for sample in json.load(sys.stdin):
            when = datetime.datetime.strptime(sample["timestamp"], "%Y%m%dT%H%M%SZ")
            botocore.auth.get_current_datetime = lambda: when
            request = AWSRequest(sample["method"], "https://host.example" + sample["path"] +
                ("?" + sample["query"] if sample["query"] else ""), data=sample["body"].encode())
            for name, value in sample["headers"]:
                request.headers.add_header(name, value)
            keys = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sample.get("token"))
            botocore.auth.SigV4Auth(keys, "ses", "eu-central-1").add_auth(request)
            print(request.headers["Authorization"].rsplit("Signature=", 1)[1])
        """

    @Test("300 generated requests")
    func generated() throws {
        var generator = SplitMix(state: 0x5eed)
        let samples = (0..<300).map { _ in sample(&generator) }
        let answers = try Referee.run(Self.script, input: JSONEncoder().encode(samples))
            .split(separator: "\n").map(String.init)
        try #require(answers.count == samples.count)
        let signer = SigV4Signer(region: "eu-central-1", service: "ses")
        for (sample, answer) in zip(samples, answers) {
            let request = SigV4Request(
                method: sample.method,
                path: sample.path,
                query: sample.query,
                headers: [.init(name: "Host", value: "host.example")]
                    + sample.headers.map { .init(name: $0[0], value: $0[1]) },
                body: Array(sample.body.utf8)
            )
            let credentials = SigV4Credentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                sessionToken: sample.token
            )
            let signed = signer.sign(request, with: credentials, at: date(sample.timestamp))
            #expect(signed.signature == answer, "\(sample)\n\(signed.canonicalRequest)")
        }
    }

    private func sample(_ generator: inout SplitMix) -> Sample {
        let alphabet = Array("aZ09-._~ /%+@:=&,;'\"*!$()[]äé€😀")
        func text(_ length: ClosedRange<Int>) -> String {
            String(
                (0..<Int.random(in: length, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? "a"
                }
            )
        }
        func encoded(_ length: ClosedRange<Int>) -> String { PercentCoding.encode(text(length)) }
        let segments = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            [encoded(1...8), encoded(1...8), "..", ".", ""].randomElement(using: &generator) ?? ""
        }
        // A path that begins with two slashes would be read as a host by Python's URL parser.
        let path = "/p/" + segments.joined(separator: "/")
        let query = (0..<Int.random(in: 0...4, using: &generator))
            .map { _ in "\(Bool.random(using: &generator) ? "name" : encoded(1...4))=\(encoded(0...6))" }.joined(
                separator: "&"
            )
        let headers = (0..<Int.random(in: 0...3, using: &generator)).map { index in
            let value = (0..<Int.random(in: 0...5, using: &generator))
                .map { _ in ["a", "b;c", " ", "  ", "\t", "\"x\""].randomElement(using: &generator) ?? "" }.joined()
            return ["X-Amz-Meta-\(Bool.random(using: &generator) ? "A" : "\(index)")", value]
        }
        let day = String(Int.random(in: 20_200_110...20_200_128, using: &generator))
        return Sample(
            method: ["GET", "POST", "PUT", "DELETE"].randomElement(using: &generator) ?? "GET",
            path: path,
            query: query,
            headers: headers,
            body: text(0...40),
            token: Bool.random(using: &generator) ? "Token/+\(text(0...0))==" : nil,
            timestamp: "\(day)T0\(Int.random(in: 0...9, using: &generator))1530Z"
        )
    }

    /// The date of a time stamp of January 2020, the only month the samples use.
    private func date(_ text: String) -> SigV4Date {
        let day = Int(text.dropFirst(6).prefix(2)) ?? 0
        let hour = Int(text.dropFirst(9).prefix(2)) ?? 0
        return SigV4Date(unixSeconds: 1_577_836_800 + Int64((day - 1) * 86_400 + hour * 3600 + 15 * 60 + 30))
    }
}

/// The Python of the referees' virtual environment.
enum Referee {
    static let python = ProcessInfo.processInfo.environment["SLUICE_REFEREES"].map { $0 + "/bin/python3" }

    /// What `script` prints, given `input`.
    static func run(_ script: String, input: Data) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-referee-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let samples = folder.appending(path: "input")
        try input.write(to: samples)
        let process = Process()
        process.executableURL = URL(filePath: try #require(python))
        process.arguments = ["-c", script]
        process.standardInput = try FileHandle(forReadingFrom: samples)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: printed, as: UTF8.self)
    }
}

/// Seeded, so that a failing sample comes again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
