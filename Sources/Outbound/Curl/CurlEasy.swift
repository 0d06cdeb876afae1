import CCurl

/// One easy handle and its error text. Lives on the loop's thread.
///
/// `@safe`: both pointers are allocated in `init`, freed in `deinit`, and used during calls only.
@safe final class CurlEasy {
    let handle: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>

    /// The first option that libcurl refused since the last `reset()`.
    private(set) var refusal: CURLcode?

    init?() {
        guard let handle = unsafe curl_easy_init() else { return nil }
        unsafe self.handle = handle
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        reset()
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe errorText.deallocate()
    }

    /// Forgets every option, and keeps the handle's memory.
    func reset() {
        unsafe curl_easy_reset(handle)
        refusal = nil
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe setPointer(CURLOPT_ERRORBUFFER, errorText)
    }

    /// libcurl's words on the last transfer, or its words for `code`.
    func message(for code: CURLcode) -> String {
        unsafe errorText[0] != 0 ? String(cString: errorText) : Self.generalMessage(for: code)
    }

    /// libcurl's fixed words for `code`, which hold nothing of the request.
    static func generalMessage(for code: CURLcode) -> String {
        unsafe curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? "unknown"
    }
}

/// Options. Each call is safe because libcurl copies strings, and each pointer outlives the transfer it is set for.
extension CurlEasy {
    func set(_ option: CURLoption, _ value: Int) {
        note(unsafe sluice_easy_set_long(handle, option, value))
    }

    func set(_ option: CURLoption, _ value: Bool) {
        set(option, value ? 1 : 0)
    }

    func setLarge(_ option: CURLoption, _ value: Int) {
        note(unsafe sluice_easy_set_offset(handle, option, curl_off_t(value)))
    }

    func set(_ option: CURLoption, _ value: String?) {
        note(unsafe sluice_easy_set_string(handle, option, value))
    }

    func setPointer(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        note(unsafe sluice_easy_set_pointer(handle, option, value))
    }

    func note(_ code: CURLcode) {
        if code != CURLE_OK, refusal == nil { refusal = code }
    }
}

/// Facts about the last transfer; zero or `nil` where libcurl has none.
extension CurlEasy {
    func long(_ info: CURLINFO) -> Int {
        var value = 0
        // Safe: writes one long into `value`.
        _ = unsafe sluice_easy_get_long(handle, info, &value)
        return value
    }

    func large(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        // Safe: writes one curl_off_t into `value`.
        _ = unsafe sluice_easy_get_offset(handle, info, &value)
        return Int(value)
    }

    /// A time since the start of the transfer.
    func time(_ info: CURLINFO) -> Duration {
        .microseconds(large(info))
    }
}
