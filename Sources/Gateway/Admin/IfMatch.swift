import Directory
import HTTPTypes

/// The `If-Match` of a change (RFC 9110, section 13.1.1). Our entity tags are versions: `"7"`.
enum IfMatch {
    /// Nil without the header. A tag that is weak or not a version of ours matches nothing, as the RFC has it; a bare
    /// number is taken for a quoted one.
    ///
    /// - Throws: problem `invalid_request` for what is no list of entity tags.
    static func condition(_ headers: HTTPFields) throws -> VersionCondition? {
        guard let value = headers[.ifMatch] else { return nil }
        var rest = value[...]
        skip(&rest) { $0 == " " || $0 == "\t" || $0 == "," }
        if rest.first == "*" {
            rest.removeFirst()
            guard rest.allSatisfy({ $0 == " " || $0 == "\t" }) else { throw malformed() }
            return .existing
        }
        guard !rest.isEmpty else { throw malformed() }
        var versions: Set<Int64> = []
        while !rest.isEmpty {
            if let version = try tag(&rest) { versions.insert(version) }
            skip(&rest) { $0 == " " || $0 == "\t" }
            guard rest.isEmpty || rest.first == "," else { throw malformed() }
            skip(&rest) { $0 == " " || $0 == "\t" || $0 == "," }
        }
        return .oneOf(versions)
    }

    /// - Throws: problem `version_required` without the header.
    static func required(_ headers: HTTPFields) throws -> VersionCondition {
        guard let condition = try condition(headers) else {
            throw Problem(
                .versionRequired,
                "say which version you change: send the ETag of the GET as 'If-Match: \"VERSION\"'"
            )
        }
        return condition
    }

    private static func tag(_ rest: inout Substring) throws -> Int64? {
        let isWeak = rest.hasPrefix("W/")
        if isWeak { rest.removeFirst(2) }
        guard rest.first == "\"" else {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard !isWeak, !digits.isEmpty else { throw malformed() }
            rest.removeFirst(digits.count)
            return Int64(digits)
        }
        rest.removeFirst()
        guard let end = rest.firstIndex(of: "\"") else { throw malformed() }
        let text = rest[..<end]
        rest = rest[rest.index(after: end)...]
        return isWeak ? nil : Int64(text)
    }

    private static func skip(_ rest: inout Substring, _ isSkipped: (Character) -> Bool) {
        while let first = rest.first, isSkipped(first) { rest.removeFirst() }
    }

    private static func malformed() -> Problem {
        Problem(.invalidRequest, "If-Match must be '*' or entity tags such as '\"7\"'")
    }
}
