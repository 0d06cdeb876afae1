import Foundation
import Testing

@testable import Mail

/// What Handlebars itself makes of templates in the part of its language that is ours.
@Suite struct TemplateCorpusTests {
    private struct Corpus: Decodable {
        struct Case: Decodable {
            let template: String
            let escapes: Bool
            let result: String
        }

        let data: TemplateValue
        let cases: [Case]
    }

    @Test func fillsAsHandlebarsDoes() throws {
        let corpus = try JSONDecoder().decode(Corpus.self, from: Data(PackageResources.handlebars_json))
        #expect(corpus.cases.count > 120)
        for entry in corpus.cases {
            var stepsLeft = TemplateRenderer.maximumSteps
            let filled = try TemplateRenderer.render(
                try TemplateParser.parse(entry.template),
                corpus.data,
                escapes: entry.escapes,
                maximumBytes: 100_000,
                stepsLeft: &stepsLeft
            )
            #expect(filled == entry.result, "\(entry.template.debugDescription)")
        }
    }
}
