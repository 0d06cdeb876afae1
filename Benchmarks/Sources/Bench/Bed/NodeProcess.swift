import Glibc
import Synchronization

/// A `sluice serve` on ports that stay its own when it is killed and started again.
final class NodeProcess: Sendable {
    let number: Int
    let tenants: HTTPPeer
    let operators: HTTPPeer
    let proxy: DatabaseProxy?
    private let current: Mutex<Child>
    private let starts = Atomic<Int>(1)

    init(number: Int, tenants: Int, operators: Int, proxy: DatabaseProxy?, child: Child) {
        self.number = number
        self.tenants = HTTPPeer(port: tenants)
        self.operators = HTTPPeer(port: operators)
        self.proxy = proxy
        current = Mutex(child)
    }

    var child: Child { current.withLock(\.self) }

    func replace(_ child: Child) {
        current.withLock { $0 = child }
    }

    /// The number of the next life.
    func nextLife() -> Int { starts.wrappingAdd(1, ordering: .relaxed).newValue }
}
