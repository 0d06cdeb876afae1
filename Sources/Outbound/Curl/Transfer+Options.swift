import CCurl

extension Transfer {
    /// Sets every option of the call; `false` when libcurl refused one.
    func prepare(_ configuration: HTTPClient.Configuration) -> Bool {
        setClientOptions(configuration)
        setCallbacks()
        setRequestOptions(configuration)
        return easy.refusal == nil && headers.isComplete
    }

    private func setClientOptions(_ configuration: HTTPClient.Configuration) {
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        easy.set(CURLOPT_FOLLOWLOCATION, false)
        easy.set(CURLOPT_PROXY, "")
        easy.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        easy.set(CURLOPT_NOSIGNAL, true)
        // Without it, ending a transfer during name lookup blocks the loop until getaddrinfo returns. With it the
        // lookup's thread is left to end by itself and frees what it holds.
        easy.set(CURLOPT_QUICK_EXIT, true)
        easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile = configuration.caFile {
            // The system's folder would otherwise still be trusted beside the file.
            easy.set(CURLOPT_CAPATH, nil)
            easy.set(CURLOPT_CAINFO, caFile)
        }
        easy.set(CURLOPT_MAXAGE_CONN, max(1, Int(configuration.connectionMaxIdle.components.seconds)))
        easy.set(CURLOPT_TCP_NODELAY, true)
        easy.set(CURLOPT_TCP_KEEPALIVE, true)
        easy.set(CURLOPT_TCP_KEEPIDLE, 30)
        easy.set(CURLOPT_TCP_KEEPINTVL, 10)
        unsafe easy.note(sluice_easy_set_sockopt(easy.handle, prepareSocket))
    }

    private func setCallbacks() {
        // Safe: the loop keeps the transfer until the handle is out of the multi handle.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe easy.setPointer(CURLOPT_PRIVATE, context)
        unsafe easy.setPointer(CURLOPT_PREREQDATA, context)
        unsafe easy.note(sluice_easy_set_prereq(easy.handle, letRequestThrough))
        unsafe easy.setPointer(CURLOPT_HEADERDATA, context)
        unsafe easy.note(sluice_easy_set_write(easy.handle, CURLOPT_HEADERFUNCTION, takeHeader))
        unsafe easy.setPointer(CURLOPT_WRITEDATA, context)
        unsafe easy.note(sluice_easy_set_write(easy.handle, CURLOPT_WRITEFUNCTION, takeBodyPiece))
        unsafe easy.setPointer(CURLOPT_READDATA, context)
        unsafe easy.note(sluice_easy_set_read(easy.handle, readBody))
        unsafe easy.note(sluice_easy_set_seek(easy.handle, refuseRewind))
        guard request.egress != nil else { return }
        unsafe easy.setPointer(CURLOPT_OPENSOCKETDATA, context)
        unsafe easy.note(sluice_easy_set_opensocket(easy.handle, openPermittedSocket))
    }

    private func setRequestOptions(_ configuration: HTTPClient.Configuration) {
        easy.set(CURLOPT_URL, request.url)
        easy.set(CURLOPT_PATH_AS_IS, true)
        // libcurl divides this time between a host's addresses.
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, request.timeouts.connect.wholeMilliseconds)
        if bodyCount > 0 || request.body != nil || request.method.expectsBody {
            // Never CURLOPT_POSTFIELDS: libcurl could then send the body a second time by itself.
            easy.set(CURLOPT_POST, true)
            easy.setLarge(CURLOPT_POSTFIELDSIZE_LARGE, bodyCount)
            easy.set(CURLOPT_UPLOAD_BUFFERSIZE, bodyCount > 16 << 10 ? 64 << 10 : 16 << 10)
            if request.method != .post { easy.set(CURLOPT_CUSTOMREQUEST, request.method.name) }
        } else if request.method == .head {
            easy.set(CURLOPT_NOBODY, true)
        } else {
            easy.set(CURLOPT_HTTPGET, true)
            if request.method != .get { easy.set(CURLOPT_CUSTOMREQUEST, request.method.name) }
        }
        setHeaders(configuration)
    }

    private func setHeaders(_ configuration: HTTPClient.Configuration) {
        for field in request.headers {
            headers.append(field.value.isEmpty ? field.name + ";" : field.name + ": " + field.value)
        }
        // A line without value keeps libcurl from adding the field.
        for name in ["Accept", "Content-Type", "Expect"] where !request.headers.contains(name) {
            headers.append(name + ":")
        }
        if !request.headers.contains("User-Agent") {
            easy.set(CURLOPT_USERAGENT, configuration.userAgent)
        }
        unsafe easy.setPointer(CURLOPT_HTTPHEADER, headers.head)
    }
}

extension Duration {
    /// At least one, since libcurl takes zero for its default.
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(min(seconds, 1 << 20)) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
