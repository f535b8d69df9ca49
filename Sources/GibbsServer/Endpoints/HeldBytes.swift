import Synchronization

/// The bytes of bodies that are held at once, of all requests together: each is counted as it comes, and until its request is done.
package final class HeldBytes: Sendable {
    /// What one request holds; given back when it goes.
    package final class Share: Sendable {
        private let owner: HeldBytes, own = Mutex(0)

        package init(of owner: HeldBytes) { self.owner = owner }

        deinit {
            let count = own.withLock { $0 }
            owner.total.withLock { $0 -= count }
        }

        /// Counts some more bytes.
        ///
        /// - Throws: `Refusal` where there is no room for them. A request that is alone has room, however large it is.
        package func take(_ count: Int) throws {
            let held = own.withLock { $0 }
            let isAdmitted = owner.total.withLock { total in
                guard total == held || total + count <= owner.limit else { return false }
                total += count
                return true
            }
            guard isAdmitted else { throw Refusal.later("\(owner.limit >> 20) MiB of other requests are being worked on") }
            own.withLock { $0 += count }
        }
    }

    private let limit: Int
    private let total = Mutex(0)

    package init(limit: Int) { self.limit = limit }

    /// All that is held now.
    package var count: Int { total.withLock { $0 } }
}
