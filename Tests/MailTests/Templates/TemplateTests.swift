import Foundation
import Mail
import Testing

/// Templates: what is refused when they are stored, and what when they are filled.
@Suite struct TemplateTests {
    private func template(_ html: String, subject: String = "S") throws -> MailTemplate {
        try MailTemplate(TemplateSource(subject: subject, text: nil, html: html))
    }

    private func value(_ json: String) throws -> TemplateValue {
        try JSONDecoder().decode(TemplateValue.self, from: Data(json.utf8))
    }

    /// What is said of filling a template with data.
    private func failures(_ html: String, _ json: String, maximumBytes: Int = 10_000) throws -> [ValidationFailure] {
        do {
            _ = try template(html).filled(with: try value(json), maximumBytes: maximumBytes)
            return []
        } catch let error as TemplateDataError {
            return error.failures
        }
    }

    @Test(
        arguments: [
            ("a\nb {{", "line 2, column 3: this tag does not end"),
            ("ä{{x", "line 1, column 2: this tag does not end"),
            ("{{{x}}", "line 1, column 1: this tag does not end"),
            ("{{}}", "line 1, column 1: the tag is empty"),
            ("{{> part}}", "line 1, column 1: there are no partials"),
            ("{{^x}}", "line 1, column 1: '^' is not part of the language"),
            ("{{upper x}}", "line 1, column 1: there are no helpers: a tag names one value"),
            ("{{#with x}}{{/with}}", "line 1, column 1: there is no block 'with'; there are if, unless and each"),
            ("{{#if}}{{/if}}", "line 1, column 1: 'if' takes one value"),
            ("{{#if a b}}{{/if}}", "line 1, column 1: 'if' takes one value"),
            ("{{#if a}}", "line 1, column 1: {{#if}} is not closed"),
            ("{{#if a}}{{else if b}}", "line 1, column 1: {{#if}} is not closed"),
            ("\n {{/if}}", "line 2, column 2: {{/if}} closes nothing"),
            ("{{#if a}}{{/each}}", "line 1, column 10: {{/each}} cannot close {{#if}}"),
            ("{{else}}", "line 1, column 1: {{else}} stands outside of a block"),
            ("{{#if a}}{{else}}{{else}}{{/if}}", "line 1, column 18: the block has an {{else}} already"),
            ("{{a..b}}", "line 1, column 1: 'a..b' names no value"),
            ("{{@other}}", "line 1, column 1: '@other' names no value"),
            (String(repeating: "{{#if a}}", count: 33), "line 1, column 289: blocks are nested too deeply"),
        ]
    )
    func saysWhereItIsWrong(_ html: String, _ detail: String) throws {
        let error = #expect(throws: DraftError.self) { try template(html) }
        #expect(error?.failures == [ValidationFailure(pointer: "/html", detail: detail)])
    }

    @Test func needsASubjectAndABody() {
        let error = #expect(throws: DraftError.self) {
            try MailTemplate(TemplateSource(subject: " ", text: "", html: nil))
        }
        #expect(error?.failures.map(\.pointer) == ["/subject", "/text"])
        let large = TemplateSource(subject: "S", text: String(repeating: "x", count: 500_001), html: nil)
        #expect(throws: DraftError.self) { try MailTemplate(large) }
    }

    @Test func listsAllThatIsMissing() throws {
        let html = "{{a}} {{b.c}} {{#each list}}{{name}} {{../d}}{{/each}} {{#if e}}{{f}}{{/if}} {{a}}"
        let found = try failures(html, #"{"b": {}, "list": [{"name": "x"}, {"no~/": 1}]}"#)
        #expect(found.map(\.pointer) == ["/a", "/b/c", "/d", "/list/1/name"])
        #expect(Set(found.map(\.detail)) == ["is missing; the template needs it"])
        #expect(try failures("{{#each x}}{{/each}}", "{}").map(\.pointer) == ["/x"])
    }

    @Test func refusesWhatCannotBePrinted() throws {
        #expect(try failures("{{a}}", #"{"a": [1]}"#).map(\.pointer) == ["/a"])
        #expect(try failures("{{a.b}}", #"{"a": {"b": {}}}"#).map(\.pointer) == ["/a/b"])
        #expect(try failures("{{#each a}}{{/each}}", #"{"a": "text"}"#).map(\.pointer) == ["/a"])
        #expect(try failures("{{a}}", #"{"a": null}"#).isEmpty)
    }

    @Test func boundsWhatComesOutAndTheWork() throws {
        let list = "[" + (0..<100).map { "\($0)" }.joined(separator: ",") + "]"
        let bomb = "{{#each a}}{{#each ../a}}{{#each ../../a}}{{#each ../../../a}}{{/each}}{{/each}}{{/each}}{{/each}}"
        let endless = try failures(bomb, #"{"a": \#(list)}"#)
        #expect(endless.map(\.detail) == ["filling the template takes more than 20000 steps"])
        let wide = try failures("{{#each a}}{{#each ../a}}xxxxxxxxxx{{/each}}{{/each}}", #"{"a": \#(list)}"#)
        #expect(wide.map(\.detail) == ["the filled template has more than 10000 bytes"])
        #expect(wide.map(\.pointer) == [""])
    }

    @Test func emptyBodiesCostTheirTurns() throws {
        let list = TemplateValue.list(Array(repeating: .null, count: 100_000))
        let members = TemplateValue.object(
            Dictionary(uniqueKeysWithValues: (0..<100_000).map { ("\($0)", .null) })
        )
        for value in [list, members] {
            let source = TemplateSource(subject: "S", text: "{{#each a}}{{#each ../a}}{{/each}}{{/each}}", html: nil)
            let error = #expect(throws: TemplateDataError.self) {
                try MailTemplate(source).filled(with: .object(["a": value]), maximumBytes: 1000)
            }
            #expect(error?.failures.map(\.detail) == ["filling the template takes more than 20000 steps"])
        }
    }

    @Test func allPartsShareTheSteps() throws {
        let part = "{{#each a}}{{/each}}"
        let list = TemplateValue.object(["a": .list(Array(repeating: .null, count: 12_000))])
        let one = try MailTemplate(TemplateSource(subject: "S", text: "T" + part, html: nil))
        #expect(try one.filled(with: list, maximumBytes: 1000).text == "T")
        let two = try MailTemplate(TemplateSource(subject: "S", text: "T" + part, html: part))
        #expect(throws: TemplateDataError.self) { try two.filled(with: list, maximumBytes: 1000) }
    }

    @Test func escapesInHTMLOnly() throws {
        let source = TemplateSource(subject: "{{x}}", text: "{{x}}", html: "{{x}} {{{x}}}")
        let filled = try MailTemplate(source).filled(with: try value(#"{"x": "<&\"'`=>"}"#), maximumBytes: 1000)
        #expect(filled.subject == "<&\"'`=>")
        #expect(filled.text == "<&\"'`=>")
        #expect(filled.html == "&lt;&amp;&quot;&#x27;&#x60;&#x3D;&gt; <&\"'`=>")
    }

    @Test func ownDataAreLaidOverOthers() throws {
        let shared = try value(#"{"a": 1, "b": {"c": 1}}"#)
        #expect(shared.overlaid(by: try value(#"{"b": 2}"#)) == (try value(#"{"a": 1, "b": 2}"#)))
    }

    @Test func dataComeBackAsTheyWere() throws {
        let data = try value(#"{"a": [1, 2.5, true, null, "x", {"b": []}], "n": -9007199254740993, "z": false}"#)
        let again = try JSONDecoder().decode(TemplateValue.self, from: JSONEncoder().encode(data))
        #expect(again == data)
    }
}
