import CCurl

/// libcurl as linked: initialised once per process, and checked for what this module relies on.
enum CurlLibrary {
    /// `nil` when libcurl is usable, otherwise why it is not.
    static let defect: String? = {
        // Safe: a lazy static runs once, and this library's global state is thread-safe since 7.84 (checked below).
        guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK else { return "libcurl did not start" }
        // Safe: the returned structure is static.
        guard let version = unsafe sluice_version_info() else { return "libcurl has no version" }
        guard unsafe version.pointee.version_num >= 0x075800 else { return "libcurl is older than 7.88" }
        let needed = CURL_VERSION_SSL | CURL_VERSION_ASYNCHDNS | CURL_VERSION_THREADSAFE
        guard unsafe version.pointee.features & needed == needed else {
            return "libcurl lacks TLS, asynchronous name lookup or thread safety"
        }
        return nil
    }()
}
