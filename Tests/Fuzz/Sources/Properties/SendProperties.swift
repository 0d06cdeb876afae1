import Foundation

@testable import Gateway
@testable import Mail

/// The body of `POST /send`, from its bytes to the message that goes out.
enum SendProperties {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    static func check(_ input: [UInt8]) {
        let document: JSONDocument
        let request: SendRequest
        do {
            document = try JSONDocument(input)
            try document.requireUnique()
            request = try SendRequest(of: document.root)
        } catch {
            require([.invalidJSON, .invalidMessage].contains(error.code), "refused as \(error.code.name)")
            require(error.detail.utf8.count < 20_000, "a refusal of \(error.detail.utf8.count) bytes")
            return
        }
        // Written anew it is the same request.
        let again = unwrap(try? JSONDocument(JSONProperties.tree(document.root).bytes), "written anew it is refused")
        let same = unwrap(try? SendRequest(of: again.root), "written anew it is refused")
        let (draft, failures) = request.draft()
        require(draft == same.draft().draft, "written anew it is another draft")
        require(failures.count <= 1001, "\(failures.count) failures")
        check(SendOptions(request, now: now), of: request)
        if failures.isEmpty { ComposeProperties.check(draft) }
    }

    private static func check(_ options: SendOptions, of request: SendRequest) {
        for failure in options.failures {
            require(failure.detail.utf8.count < 1000, "a failure of \(failure.detail.utf8.count) bytes")
        }
        guard options.failures.isEmpty else { return }
        if let at = options.scheduledAt { require(at > now && at < now + 31 * 86_400, "scheduled at \(at)") }
        if let at = options.expiresAt { require(at > (options.scheduledAt ?? now), "expires at \(at)") }
        for (json, texts) in [(options.tags, request.tags), (options.metadata, request.metadata)] {
            guard let json else {
                require(texts?.isEmpty != false, "tags or metadata are lost")
                continue
            }
            let document = unwrap(try? JSONDocument(Array(json.utf8)), "what is stored is no JSON: \(json)")
            require((try? document.root.texts()) == texts, "what is stored says something else: \(json)")
        }
    }
}
