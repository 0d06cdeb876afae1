/// HKDF with SHA-256 (RFC 5869), for keys that are random already: the step of expanding alone (section 3.3).
public enum HKDF {
    /// A key of 32 bytes that says nothing about `key`, nor about the one for another `info`.
    public static func expand(_ key: [UInt8], info: [UInt8]) -> [UInt8] {
        HMACSHA256.code(of: info + [1], key: key)
    }
}
