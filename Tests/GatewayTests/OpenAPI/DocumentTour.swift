import Foundation

@testable import Gateway

/// One request for each operation of a document and each example of its body; what is deleted is deleted last.
struct DocumentTour {
    struct Call {
        let method: String
        let template: String
        /// With its parameters filled in.
        let path: String
        let isOpen: Bool
        let needsVersion: Bool
        var type: String?
        var body: String?
    }

    /// What was asked, and answered.
    struct Exchange: Encodable {
        let path: String
        let method: String
        let status: Int
        let type: String?
        let body: String

        init(_ call: Call, _ answer: TestAnswer) {
            path = call.template
            method = call.method
            status = answer.status
            type = answer.headers["content-type"]
            body = answer.body
        }
    }

    let document: JSONValue
    /// Path parameters, by a path or its beginning, and the name: `/webhooks {id}`. Without one, the parameter's example.
    let values: [String: String]

    var calls: [Call] {
        let all = (document["paths"]?.members ?? []).flatMap { template, methods in
            methods.members.flatMap { method, operation in calls(method.uppercased(), template, operation) }
        }
        return all.filter { $0.method != "DELETE" } + all.filter { $0.method == "DELETE" }
    }

    private func calls(_ method: String, _ template: String, _ operation: JSONValue) -> [Call] {
        var path = template
        var query: [String] = []
        var needsVersion = false
        for short in operation["parameters"]?.elements ?? [] {
            let parameter = resolved(short)
            let name = parameter["name"]?.asString ?? ""
            let beginning = "/" + (template.split(separator: "/").first ?? "")
            let value =
                values["\(template) {\(name)}"] ?? values["\(beginning) {\(name)}"] ?? parameter["example"]?.asString
                ?? "x"
            switch parameter["in"]?.asString {
            case "path": path = path.replacing("{\(name)}", with: value)
            case "query" where parameter["required"]?.isTrue == true: query.append("\(name)=\(value)")
            case "header": needsVersion = needsVersion || name == "If-Match"
            default: break
            }
        }
        if !query.isEmpty { path += "?" + query.joined(separator: "&") }
        let call = Call(
            method: method,
            template: template,
            path: path,
            isOpen: operation["security"]?.elements.isEmpty ?? true,
            needsVersion: needsVersion
        )
        guard let (type, media) = operation["requestBody"]?["content"]?.members.first else { return [call] }
        return (media["examples"]?.members ?? []).map { _, example in
            var call = call
            call.type = type
            call.body = example["value"].map { $0.asString ?? $0.text }
            return call
        }
    }

    private func resolved(_ short: JSONValue) -> JSONValue {
        guard let name = short["$ref"]?.asString?.split(separator: "/").last else { return short }
        return document["components"]?["parameters"]?[String(name)] ?? .null
    }
}
