import Gateway
import NIOCore
import NIOPosix

/// Looks whether ports are free before anything is started.
enum Ports {
    /// - Throws: `CommandFailure` that names the taken port and how to choose another.
    static func requireFree(_ addresses: [ListenAddress]) throws {
        for address in addresses where address.port != 0 {
            let group = MultiThreadedEventLoopGroup.singleton
            do {
                try ServerBootstrap(group: group)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .bind(host: address.host, port: address.port).wait().close().wait()
            } catch {
                throw CommandFailure(
                    "\(address) cannot be listened on (\(error)): stop the program that has the port, or choose another with "
                        + "`listen:` in the configuration or --listen-public and --listen-operator"
                )
            }
        }
    }
}
