import APIText
import Directory
import Foundation
import HTTPTypes
import Testing
import Webhooks

@testable import Gateway

/// The documents say what there is: no route is missing in them, and nothing is in them that there is not.
@Suite(.timeLimit(.minutes(5))) struct DocumentTests {
    private static func differences(_ routes: Set<String>, _ described: Set<String>) -> [String] {
        routes.subtracting(described).map { "\($0) is not described" }.sorted()
            + described.subtracting(routes).map { "\($0) is no route" }.sorted()
    }

    @Test func everyRouteOfThePublicListenerIsDescribed() async throws {
        let document = try APIDocument(Fragments.tenant)
        try await TestGateway.run(feedback: { _ in .accepted }) { gateway in
            let routes = RouteNames.of(gateway.server.routes())
            #expect(routes.count > 30)
            #expect(Self.differences(routes, RouteNames.of(document.json)) == [])
        }
    }

    @Test func everyRouteOfTheOperatorListenerIsDescribed() async throws {
        let document = try APIDocument(Fragments.admin)
        try await TestOperator.run { node in
            let routes = RouteNames.of(node.server.routes())
            #expect(routes.count > 20)
            #expect(Self.differences(routes, RouteNames.of(document.json)) == [])
        }
    }

    @Test func adminRoutesNeedAnAdminsKeyAndTenantsRoutesAScope() throws {
        for (fragments, scheme) in [(Fragments.tenant, "tenant_key"), (Fragments.admin, "admin_key")] {
            let document = try APIDocument(fragments).json
            for (path, methods) in document["paths"]?.members ?? [] {
                let isOpen = [
                    "/livez", "/healthz", "/readyz", "/openapi.json", "/docs", "/metrics", "/feedback", "/u/",
                ]
                .contains { path.hasPrefix($0) }
                for (method, operation) in methods.members {
                    let schemes = operation["security"]?.elements.flatMap(\.members).map(\.0)
                    #expect(schemes == (isOpen ? [] : [scheme]), "\(method) \(path)")
                }
            }
        }
    }

    @Test func everyOperationNamesTheScopeThatItsRouteAsksFor() throws {
        let document = try APIDocument(Fragments.tenant).json
        var seen: Set<String> = []
        for (path, methods) in document["paths"]?.members ?? [] {
            for (name, operation) in methods.members {
                let schemes = operation["security"]?.elements.flatMap(\.members) ?? []
                guard let scopes = schemes.first(where: { $0.0 == "tenant_key" })?.1.elements.compactMap(\.asString)
                else {
                    continue
                }
                let method = try #require(HTTPRequest.Method(name.uppercased()))
                let named = scopes.compactMap { KeyScope(rawValue: $0).map(RouteScope.Need.scope) }
                #expect(named == [RouteScope.need(method, path)], "\(name) \(path) names \(scopes)")
                #expect(scopes.count == named.count, "\(name) \(path)")
                seen.formUnion(scopes)
            }
        }
        #expect(seen == Set(KeyScope.allCases.map(\.rawValue)))
    }

    @Test func everyCodeInTheSourceIsListed() throws {
        let source = try Checkout.text("Sources/Gateway/Problems/Problem+Code.swift")
        let named = Set(source.matches(of: #/Code\(\s*"(?<name>[a-z_]+)"/#).map { String($0.output.name) })
        let feedback = try Checkout.text("Sources/Feedback/SNS/SNSIntake.swift")
        let refusals = Set(feedback.matches(of: #/code: "(?<name>[a-z_]+)"/#).map { String($0.output.name) })
        #expect(named.count > 30 && refusals.count > 5)
        let all = Problem.Code.all.map(\.name)
        #expect(Set(all).count == all.count)
        #expect(named.union(refusals).symmetricDifference(all) == [])
    }

    @Test func everyCodeIsExplainedInBothDocuments() throws {
        for fragments in [Fragments.tenant, Fragments.admin] {
            let explained = try APIDocument(fragments).problems.entries.map(\.code.name)
            #expect(Set(explained) == Set(Problem.Code.all.map(\.name)))
        }
    }

    @Test func everyEventHasAPayload() throws {
        let document = try APIDocument(Fragments.tenant).json
        let described = Set((document["webhooks"]?.members ?? []).map(\.0))
        #expect(described == Set(EventNames.delivered))
    }

    @Test(
        arguments: [
            ("x: {paths: {}}", "unknown member 'x'"),
            ("problems: {no_such_code: {detail: a, meaning: b, remedy: c}}", "there is no problem 'no_such_code'"),
            ("problems: {not_found: {detail: a}}", "problem not_found needs detail, meaning and remedy"),
            ("paths: {/x: {get: {id: x}}}", "get /x needs id, access, summary and answers"),
            (
                "paths: {/x: {get: {id: x, access: read, summary: s, answers: {}, responses: {}}}}",
                "get /x: unknown member 'responses'"
            ),
            (
                "paths: {/x: {get: {id: x, access: read, summary: s, answers: {}}}}",
                "problem invalid_request is not explained"
            ),
        ]
    )
    func whatIsNoFragmentIsRefused(yaml: String, expected: String) throws {
        let error = #expect(throws: APIDocumentError.self) {
            try APIDocument(fragments: [("test", try YAMLText.value(Array(yaml.utf8)))])
        }
        #expect(error?.description.hasSuffix(expected) == true, "\(String(describing: error))")
    }

    @Test func yamlIsReadAsTheJSONThatItIs() throws {
        let yaml = """
            a: |
              two
              lines
            b: [1, -2, 0.5, true, null, '1', "true", 4.4.1, 192.0.2.1, ~]
            """
        let json = try YAMLText.value(Array(yaml.utf8)).text
        #expect(json == #"{"a":"two\nlines\n","b":[1,-2,0.5,true,null,"1","true","4.4.1","192.0.2.1",null]}"#)
    }
}
