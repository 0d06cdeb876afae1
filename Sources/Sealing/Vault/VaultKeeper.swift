public import Logging
public import ServiceLifecycle

/// Keeps a vault's keys fresh, and says when they are not as they should be.
public struct VaultKeeper: Service {
    private static let interval = Duration.seconds(60)
    private static let retry = Duration.milliseconds(500)
    /// Between two looks for keys that nothing is sealed under.
    private static let tidying = Duration.seconds(3600)

    private let vault: Vault
    private let report: @Sendable (SealingError?) -> Void
    private let logger: Logger

    /// - Parameter report: called after each look with what is wrong, if anything is.
    public init(vault: Vault, logger: Logger, report: @escaping @Sendable (SealingError?) -> Void) {
        self.vault = vault
        self.logger = logger
        self.report = report
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var last: SealingError?
            var tidied: ContinuousClock.Instant?
            while !Task.isCancelled {
                let trouble = await self.look()
                if let trouble, trouble.code != last?.code {
                    self.logger.error("mail cannot be sealed or opened", metadata: ["error": "\(trouble)"])
                }
                last = trouble
                self.report(trouble)
                if trouble == nil, tidied.map({ $0 + Self.tidying < .now }) ?? true {
                    await self.tidy()
                    tidied = .now
                }
                try? await Task.sleep(for: trouble == nil ? Self.interval : Self.retry)
            }
        }
    }

    /// Nil also while only the next key cannot be had: the one in use does for days.
    private func look() async -> SealingError? {
        do throws(SealingError) {
            try await vault.refresh()
            return nil
        } catch {
            guard error.code == .unavailable, vault.isUsable else { return error }
            logger.warning("the data keys could not be looked at; those in use go on", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func tidy() async {
        guard let gone = try? await vault.store.removeUnused(), !gone.isEmpty else { return }
        logger.info(
            "data keys removed under which nothing is sealed any more",
            metadata: ["data_keys": "\(gone.map(String.init).joined(separator: " "))"]
        )
    }
}
