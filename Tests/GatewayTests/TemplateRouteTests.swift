import Foundation
import Gateway
import Mail
import Testing

@testable import Outbox

/// `/templates`, and `template` with `data` in `POST /send`.
@Suite(.timeLimit(.minutes(5))) struct TemplateRouteTests {
    private static let order = TemplateSource(
        subject: "Order {{order.id}}",
        text: "{{#each items}}- {{name}}\n{{/each}}",
        html: "<p>{{name}}</p>"
    )

    private static func send(_ members: String) -> String {
        #"{"from":"a@apa.example","to":"b@x.example","template":"order",\#(members)}"#
    }

    private static let data = #""data":{"order":{"id":7},"items":[{"name":"A"},{"name":"B"}],"name":"<Ann>"}"#

    @Test func keepsTemplates() async throws {
        try await TestGateway.run { gateway in
            let body = #"{"name":"order","subject":"S {{a}}","html":"<p>{{a}}</p>"}"#
            let made = try await gateway.json("POST", "/templates", body)
            #expect(made.status == 201)
            #expect(made.json["version"] as? Int == 1)
            #expect(made.json["html"] as? String == "<p>{{a}}</p>")
            #expect(made.json["text"] is NSNull)
            let next = try await gateway.json("PUT", "/templates/order", #"{"subject":"T","text":"{{b}}"}"#)
            #expect(next.status == 200 && next.json["version"] as? Int == 2)
            let old = try await gateway.request("GET", "/templates/order/versions/1")
            #expect(old.json["subject"] as? String == "S {{a}}")
            let versions = try await gateway.request("GET", "/templates/order/versions")
            #expect((versions.json["data"] as? [[String: Any]])?.map { $0["version"] as? Int } == [2, 1])
            let list = try await gateway.request("GET", "/templates")
            #expect((list.json["data"] as? [[String: Any]])?.map { $0["name"] as? String } == ["order"])
            #expect(try await gateway.request("DELETE", "/templates/order").status == 204)
            #expect(try await gateway.request("GET", "/templates/order").status == 404)
        }
    }

    @Test(
        arguments: [
            (#"{"name":"a b","subject":"s","text":"t"}"#, "/name"), (#"{"subject":"s","text":"t"}"#, "/name"),
            (#"{"name":"a","subject":"s"}"#, "/text"), (#"{"name":"a","text":"t"}"#, "/subject"),
            (#"{"name":"a","subject":"{{","text":"t"}"#, "/subject"),
            (#"{"name":"a","subject":"s","text":"t","color":"red"}"#, "/color"),
        ]
    )
    func refusesWhatIsNoTemplate(_ body: String, _ pointer: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.json("POST", "/templates", body)
            #expect(answer.status == 422)
            #expect(answer.code == "invalid_template")
            #expect(answer.pointers == [pointer])
        }
    }

    @Test func anothersTemplateIsNotThere() async throws {
        try await TestGateway.run { gateway in
            gateway.templates.set("order", [Self.order])
            for (method, path) in [("GET", "/templates/order"), ("DELETE", "/templates/order")] {
                #expect(try await gateway.request(method, path, key: TestDirectory.omvKey).status == 404)
            }
            let body = #"{"from":"a@omv.example","to":"b@x.example","template":"order"}"#
            let answer = try await gateway.send(body, key: TestDirectory.omvKey)
            #expect(answer.status == 422 && answer.pointers == ["/template"])
        }
    }

    @Test func rendersWhatWouldBeSent() async throws {
        try await TestGateway.run { gateway in
            gateway.templates.set("order", [Self.order])
            let filled = try await gateway.json("POST", "/templates/order/render", "{\(Self.data)}")
            #expect(filled.status == 200)
            #expect(
                filled.body == #"{"subject":"Order 7","text":"- A\n- B\n","html":"<p>&lt;Ann&gt;</p>"}"#
            )
            let missing = try await gateway.json("POST", "/templates/order/render", #"{"data":{"name":"x"}}"#)
            #expect(missing.status == 422)
            #expect(Set(missing.pointers) == ["/data/order/id", "/data/items"])
            #expect(try await gateway.json("POST", "/templates/order/render", #"{"version":9}"#).status == 404)
        }
    }

    @Test func aPlainMailIsFilledLater() async throws {
        try await TestGateway.run { gateway in
            gateway.templates.set("order", [Self.order])
            let body = Self.send(Self.data + #","reply_to":"c@apa.example","headers":{"X-Order":"7"}"#)
            #expect(try await gateway.send(body).status == 202)
            let message = try #require(gateway.store.accepted.first)
            #expect(message.subject == "Order 7")
            guard case .templated(let content) = try message.content.form() else {
                Issue.record("not templated")
                return
            }
            #expect(content.frame.source == .version(1))
            #expect(content.frame.replyTo == ["c@apa.example"])
            #expect(content.frame.headers == [HeaderField(name: "X-Order", value: "7")])
            #expect(message.content.size > message.content.bytes.count)
            let filled = try MailTemplate(Self.order).filled(with: content.data, maximumBytes: 1000)
            #expect(filled.html == "<p>&lt;Ann&gt;</p>")
        }
    }

    @Test func anyOtherMailIsFilledAtOnce() async throws {
        try await TestGateway.run { gateway in
            gateway.templates.set("order", [Self.order])
            let body = Self.send(Self.data + #","cc":"c@x.example""#)
            #expect(try await gateway.send(body).status == 202)
            guard case .whole(.raw(let bytes)) = try #require(gateway.store.accepted.first).content.form() else {
                Issue.record("not raw")
                return
            }
            #expect(String(decoding: bytes, as: UTF8.self).contains("Subject: Order 7"))
        }
    }

    @Test(
        arguments: [
            (#""data":{"order":{},"items":[],"name":"x"}"#, ["/data/order/id"]),
            (#""data":[]"#, ["/data"]), (Self.data + #","subject":"s""#, ["/subject"]),
            (Self.data + #","html":"h","text":"t""#, ["/text", "/html"]),
            (#""data":{"order":{"id":"a\nb"},"items":[],"name":"x"}"#, ["/template"]),
        ]
    )
    func refusesWhatCannotBeFilled(_ members: String, _ pointers: [String]) async throws {
        try await TestGateway.run { gateway in
            gateway.templates.set("order", [Self.order])
            let answer = try await gateway.send(Self.send(members))
            #expect(answer.status == 422)
            #expect(answer.code == "invalid_message")
            #expect(answer.pointers == pointers)
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test(arguments: ["nothing", "order@2", "order@", "order@01", "@1", "a b", "order@1@1"])
    func refusesATemplateThatIsNone(_ name: String) async throws {
        try await TestGateway.run { gateway in
            gateway.templates.set("order", [Self.order])
            let body = #"{"from":"a@apa.example","to":"b@x.example","template":"\#(name)",\#(Self.data)}"#
            let answer = try await gateway.send(body)
            #expect(answer.status == 422)
            #expect(answer.pointers == ["/template"])
        }
    }

    @Test func dataNeedATemplate() async throws {
        try await TestGateway.run { gateway in
            let body = #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"t","data":{}}"#
            let answer = try await gateway.send(body)
            #expect(answer.pointers == ["/data"])
        }
    }
}
