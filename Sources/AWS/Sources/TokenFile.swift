import FoundationEssentials

/// A file that holds one token, which others replace while we run.
enum TokenFile {
    /// The token without white space at its ends.
    ///
    /// - Throws: `credentials`, naming the path, when it cannot be read or is empty.
    static func read(_ path: String) throws(AWSError) -> String {
        guard let content = FileManager.default.contents(atPath: path),
            let text = String(validating: content, as: UTF8.self)
        else {
            throw AWSError(.credentials, "the token file \(path) cannot be read")
        }
        let token = text[...].trimmed
        guard !token.isEmpty else { throw AWSError(.credentials, "the token file \(path) is empty") }
        return String(token)
    }
}
