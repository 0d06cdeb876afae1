import CLibPQ

/// Reads a connection URL or keyword string with libpq's own parser, so that we accept exactly what libpq does.
enum ConnectionString {
    /// The keywords that the string sets, without libpq's defaults.
    /// - Throws: ``PostgresError`` of code `.configuration`. libpq quotes the string's parts, so its text, which may hold
    ///   the password, is the error's detail.
    static func parse(_ string: String) throws -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(string, &message) else {
            defer { unsafe PQfreemem(message) }
            var error = PostgresError(.configuration, "the connection string cannot be read")
            error.detail = unsafe message.map { unsafe String(cString: $0) }
            throw error
        }
        defer { unsafe PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe values[String(cString: keyword)] = String(cString: value)
            }
            unsafe option += 1
        }
        return values
    }
}
