import Foundation
import Signing
import Testing

@testable import Simulator

struct EventWordsTests {
    @Test(arguments: [0, 951_782_399_999, 951_782_400_000, 1_767_323_045_678, 4_102_444_800_001] as [Int64])
    func timesAreWrittenAsFoundationDoes(milliseconds: Int64) {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        // Half a millisecond more, because the style rounds down what the division has made less.
        let date = Date(timeIntervalSince1970: (Double(milliseconds) + 0.5) / 1000)
        #expect(WireTime.text(milliseconds) == date.formatted(style))
    }

    @Test func headersOfRawContentAreTheMessagesOwn() throws {
        let raw = Data(
            "From: S <s@example.com>\r\nTo: a@example.com,\r\n b@example.com\r\nSubject: Hi\r\n\r\nbody".utf8
        )
        let body =
            #"{"Destination":{"ToAddresses":["a@example.com"]},"Content":{"Raw":{"Data":"\#(raw.base64EncodedString())"}}}"#
        let headers = try Self.headers(body)
        #expect(headers.from == "S <s@example.com>")
        let object = try Self.object("{\(headers.members)}")
        let common = try #require(object["commonHeaders"] as? [String: Any])
        #expect(common["subject"] as? String == "Hi")
        #expect(common["to"] as? [String] == ["a@example.com, b@example.com"])
        #expect((object["headers"] as? [[String: String]])?.map { $0["name"] } == ["From", "To", "Subject"])
        #expect(object["headersTruncated"] as? Bool == false)
    }

    @Test func longHeadersAreCutOff() throws {
        let value = String(repeating: "x", count: 900)
        let headers = (0..<14).map { #"{"Name":"X-\#($0)","Value":"\#(value)"}"# }.joined(separator: ",")
        let body =
            #"{"FromEmailAddress":"s@example.com","Destination":{"ToAddresses":["a@example.com"]},"Content":{"Simple":"#
            + #"{"Subject":{"Data":"s"},"Body":{"Text":{"Data":"t"}},"Headers":[\#(headers)]}}}"#
        let object = try Self.object("{\(try Self.headers(body).members)}")
        #expect(object["headersTruncated"] as? Bool == true)
        #expect((object["headers"] as? [Any])?.count == 14)
    }

    @Test(arguments: ["arn:aws:sqs:eu-central-1:1:q", "arn:aws:sns:eu-central-1:123456789012", "arn:aws:sns::1:t", ""])
    func aTopicHasAnARN(topic: String) {
        #expect(throws: SimulatorError.self) { try AmazonNames(topic: topic) }
    }

    @Test func aQueueHasAnAddress() {
        let address = QueueAddress("https://sqs.eu-west-1.amazonaws.com/123456789012/q")
        #expect(address?.endpoint == "https://sqs.eu-west-1.amazonaws.com" && address?.region == "eu-west-1")
        let local = QueueAddress("http://127.0.0.1:5000/123456789012/q")
        #expect(local?.endpoint == "http://127.0.0.1:5000" && local?.region == nil)
        for text in ["", "q", "ftp://host/q", "https://host", "https:///q"] { #expect(QueueAddress(text) == nil) }
    }

    @Test func certificatesAreKeptInTheirFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "simulator.pem").path()
        let key = try SigningCertificate.load(path: path)
        let again = try SigningCertificate.load(path: path)
        #expect(again.certificatePEM == key.certificatePEM)
        #expect(try String(contentsOfFile: path + ".crt", encoding: .utf8) == key.certificatePEM)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try Data("no key".utf8).write(to: URL(filePath: path))
        let error = #expect(throws: SimulatorError.self) { try SigningCertificate.load(path: path) }
        #expect(error?.message.contains(path) == true)
    }

    private static func headers(_ body: String) throws -> MailHeaders {
        let request = SendRequest.parse(Array(body.utf8), operation: .send)
        let submission = try #require(request.submissions.first)
        #expect(submission.refusal == nil)
        return MailHeaders(submission, messageID: "id")
    }

    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
}
