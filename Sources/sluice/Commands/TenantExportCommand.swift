import ArgumentParser
import Directory
import Foundation
import Logging
import Outbound
import Outbox

extension TenantCommand {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print all that there is of a tenant, a line of JSON for each row."
        )

        @OptionGroup var options: DatabaseOptions

        @Argument(help: "The tenant.")
        var tenant: String

        func run() async throws {
            try await EncryptionCommand.withParts(options) { pool, parts in
                let id = try await TenantChoice.find(tenant, pool).id
                try await AuditNotes(pool: pool).note(action: "export", object: "tenant \(tenant)", actor: Actor.name)
                try await TenantExport(pool: pool, vault: parts.vault).run(tenantID: id) { line in
                    try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
                }
            }
        }
    }
}
