import CCurl

/// A `curl_slist` of header lines; libcurl reads it until the transfer has ended.
///
/// `@safe`: the list is owned here and freed in `deinit`.
@safe struct CurlHeaderList: ~Copyable {
    private(set) var head: UnsafeMutablePointer<curl_slist>?

    /// Whether every line found memory.
    private(set) var isComplete = true

    mutating func append(_ line: String) {
        // Safe: libcurl copies the line; a null return leaves the list as it was.
        if let longer = unsafe curl_slist_append(head, line) {
            unsafe head = longer
        } else {
            isComplete = false
        }
    }

    deinit {
        unsafe curl_slist_free_all(head)
    }
}
