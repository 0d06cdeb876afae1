extension Decoder {
    /// An error that says what a value must be, at this decoder's place in the document.
    func corrupted(_ detail: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: codingPath, debugDescription: detail))
    }
}
