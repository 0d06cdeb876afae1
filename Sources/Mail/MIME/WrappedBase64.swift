internal import FoundationEssentials

/// Base64 (RFC 2045, section 6.8) in CRLF lines of 76 characters.
enum WrappedBase64 {
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](
            Data(bytes).base64EncodedData(options: [
                .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
            ])
        )
    }

    /// The length of `encode`'s answer.
    static func length(of count: Int) -> Int {
        let characters = (count + 2) / 3 * 4
        return characters + (characters == 0 ? 0 : (characters - 1) / 76 * 2)
    }
}
