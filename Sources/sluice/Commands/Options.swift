import ArgumentParser

/// The options of every command that talks to the database.
struct DatabaseOptions: ParsableArguments {
    @Option(name: .long, help: "The configuration file (default: $SLUICE_CONFIG, else config/sluice.yaml).")
    var config: String?

    @Option(name: .customLong("database-url"), help: "The database's URL ($SLUICE_DATABASE_URL).")
    var databaseURL: String?
}

/// The options of `serve`.
struct NodeOptions: ParsableArguments {
    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "host:port of the tenant API (default: 127.0.0.1:8080).")
    var listenPublic: String?

    @Option(name: .long, help: "host:port of metrics and administration (default: 127.0.0.1:8081).")
    var listenOperator: String?

    @Option(name: .long, help: "Comma-separated: gateway, dispatch, feedback, webhooks (default: all).")
    var roles: String?

    var config: String? { database.config }
    var databaseURL: String? { database.databaseURL }

    init() {}

    /// Without flags for a node, for the commands that only need the database.
    init(database: DatabaseOptions) {
        self.database = database
        // What is not set here is no value for the parser either, and could not be read.
        listenPublic = nil
        listenOperator = nil
        roles = nil
    }
}
