/// The keys that data keys are wrapped under: one for new ones, and those that older ones were wrapped under.
public struct MasterKeys: Sendable {
    private let file: KeyFile?
    private let kms: KMSKey?

    /// Under which what is new is wrapped: KMS's where there is one, else the file's first.
    let current: String

    /// Of all that are configured.
    var names: [String] { (file?.names ?? []) + (kms.map { [$0.name] } ?? []) }

    /// Nil without either.
    public init?(file: KeyFile?, kms: KMSKey?) {
        guard let current = kms?.name ?? file?.names.first else { return nil }
        self.file = file
        self.kms = kms
        self.current = current
    }

    /// Whether it may have the key of that name. Of KMS's keys only KMS knows.
    func has(_ name: String) -> Bool {
        name.hasPrefix(KMSKey.prefix) ? kms != nil : file?.names.contains(name) ?? false
    }

    /// Whether it is one of the file's, so that nobody has to be asked.
    func isAtHand(_ name: String) -> Bool { file?.names.contains(name) ?? false }

    /// The data key wrapped under the current key.
    func wrap(_ key: [UInt8], number: Int32) async throws(SealingError) -> [UInt8] {
        if let kms { return try await kms.wrap(key, context: Self.context(number)) }
        guard let wrapped = file?.wrap(key, under: current, bound: Self.bound(number)) else {
            throw missing(current, number)
        }
        return wrapped
    }

    func unwrap(_ wrapped: [UInt8], under name: String, number: Int32) async throws(SealingError) -> [UInt8] {
        guard has(name) else { throw missing(name, number) }
        if name.hasPrefix(KMSKey.prefix), let kms {
            return try await kms.unwrap(wrapped, under: name, context: Self.context(number))
        }
        guard let key = file?.unwrap(wrapped, under: name, bound: Self.bound(number)) else {
            throw SealingError(
                .wrongKey,
                "the key '\(name)' does not open data key \(number): it is another key than the one of that name that was used"
            )
        }
        return key
    }

    private func missing(_ name: String, _ number: Int32) -> SealingError { Self.missing(name, number) }

    static func missing(_ name: String, _ number: Int32) -> SealingError {
        SealingError(
            .missingKey,
            "the key '\(name)' is missing, under which data key \(number) is wrapped: configure it under `encryption`"
        )
    }

    private static func bound(_ number: Int32) -> [UInt8] { Array("sluice data key \(number)".utf8) }
    private static func context(_ number: Int32) -> [String: String] { ["sluice:data_key": "\(number)"] }
}
