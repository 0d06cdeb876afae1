import Coding
import FoundationEssentials

/// Decodes JSON as RFC 8259 has it: UTF-8 and nothing else.
enum StrictJSON {
    /// - Throws: problem `invalid_json` for what is no JSON, `invalid_message` with a pointer for what is no `Value`.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(Problem) -> Value {
        try JSONDocument(bytes).requireUnique()
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw Problem(DecodingFault(error))
        } catch {
            throw Problem(.invalidJSON, "the body is not well-formed JSON")
        }
    }
}
