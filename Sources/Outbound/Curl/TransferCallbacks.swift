import CCurl
import Glibc

// libcurl calls these on the loop's thread, inside calls of `CurlMulti`. `context` is the transfer, which the loop keeps
// until its handle is out of the multi handle; buffers are valid during the call only.

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    unsafe context.map { unsafe Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

func letRequestThrough(
    _ context: UnsafeMutableRawPointer?,
    _ remoteAddress: UnsafeMutablePointer<CChar>?,
    _ localAddress: UnsafeMutablePointer<CChar>?,
    _ remotePort: CInt,
    _ localPort: CInt
) -> CInt {
    let address = unsafe remoteAddress.flatMap { unsafe NetworkAddress(String(cString: $0)) }
    return unsafe transfer(context)?.letThrough(to: address) == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

func readBody(
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: buffer == nil ? 0 : size * count)
    return unsafe transfer(context)?.provideBody(into: room) ?? Int(CURL_READFUNC_ABORT)
}

/// libcurl rewinds in order to send a body again, which it must never do.
func refuseRewind(_ context: UnsafeMutableRawPointer?, _ offset: curl_off_t, _ origin: CInt) -> CInt {
    CURL_SEEKFUNC_FAIL
}

func takeHeader(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : size * count)
    // Any other count than that of the bytes ends the transfer.
    return unsafe transfer(context)?.takeHeaderLine(line) == true ? size * count : -1
}

func takeBodyPiece(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : size * count)
    return unsafe transfer(context)?.takeBody(piece) == true ? size * count : -1
}

/// Called with the very address that is connected to next, one of those that the host's name led to: no name is looked up
/// again behind it.
func openPermittedSocket(
    _ context: UnsafeMutableRawPointer?,
    _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let address = unsafe address, let transfer = unsafe transfer(context) else { return CURL_SOCKET_BAD }
    var bytes = [UInt8](repeating: 0, count: 16)
    // Safe: at most 16 bytes are written.
    let count = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
        unsafe Int(sluice_address_bytes(address, bytes.baseAddress))
    }
    guard transfer.permits(NetworkAddress(bytes: Array(bytes.prefix(count)))) else { return CURL_SOCKET_BAD }
    // Safe: values of libcurl's structure, which lives during the call.
    return unsafe socket(address.pointee.family, address.pointee.socktype, address.pointee.protocol)
}

/// From its creation on, closing the socket resets the connection and drops what the kernel has not sent. A child
/// process must not inherit it: the connection would live on in there.
func prepareSocket(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ purpose: curlsocktype) -> CInt {
    var option = linger(l_onoff: 1, l_linger: 0)
    let size = socklen_t(MemoryLayout<linger>.size)
    // Safe: the kernel copies the option.
    let isSet = unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, size) == 0
    return isSet && fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR
}
