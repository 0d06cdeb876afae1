import FoundationEssentials
import StrictCoding

/// Decodes JSON as RFC 8259 has it: UTF-8 and nothing else.
enum StrictJSON {
    /// - Throws: problem `invalid_json` for what is no JSON, `invalid_message` with a pointer for what is no `Value`.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(Problem) -> Value {
        guard !bytes.isEmpty else { throw Problem(.invalidJSON, "the body is empty") }
        // The decoder would take other encodings, which it tells by their NUL bytes.
        guard !bytes.contains(0), (try? UTF8Span(validating: bytes.span)) != nil else {
            throw Problem(.invalidJSON, "the body is not UTF-8")
        }
        try JSONScanner.check(bytes)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw Problem(DecodingFault(error))
        } catch {
            throw Problem(.invalidJSON, "the body is not well-formed JSON")
        }
    }
}
