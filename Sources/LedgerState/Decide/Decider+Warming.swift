import LedgerDomain
import LedgerLog

/// Deciding is bound by cache misses: a payment touches id slots, a payer and three ancestors, all far apart.
/// So a stretch of commands is looked at in passes first, each of which only starts loading what the next one needs.
extension Decider {
    /// Commands of a stretch: enough to overlap the misses, few enough to stay in the cache until they are decided.
    public static let stretch = 64

    /// Starts loading what a stretch of commands will touch. Decides nothing and changes nothing.
    public mutating func warm(_ commands: UnsafeBufferPointer<Command>, _ state: borrowing CoreState) {
        forgetWarmed()
        for i in commands.indices { look(at: unsafe commands[i], state) }
        warmMembers(state)
    }

    /// Starts loading what a stretch of commands will touch. Decides nothing and changes nothing.
    public mutating func warm(_ commands: ArraySlice<Command>, _ state: borrowing CoreState) {
        forgetWarmed()
        for command in commands { look(at: command, state) }
        warmMembers(state)
    }

    private mutating func forgetWarmed() {
        hashes.removeAll(keepingCapacity: true)
        warmed.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private mutating func look(at command: Command, _ state: borrowing CoreState) {
        guard case .payment(let payment) = command.action else { return }
        let user = state.hash.of(payment.userId, space: IdSpace.user)
        hashes.append(user)
        state.userIds.prefetch(user)
        // Nearly always the programme and provider of the payment before; a miss here costs nothing but speed.
        state.paymentIds.prefetch(state.hash.of(payment.paymentId, space: state.lastPaymentSpace))
    }

    private mutating func warmMembers(_ state: borrowing CoreState) {
        for hash in hashes {
            var probe = state.userIds.probe(hash)
            guard let user = state.userIds.next(&probe), user < state.members.count else { continue }
            warmed.append(user)
            state.userTexts.prefetch(user)
            state.members.prefetch(user)
        }
        for _ in 0..<3 {
            for i in warmed.indices where warmed[i] >= 0 {
                warmed[i] = unsafe Int(state.members.peek(warmed[i]).pointee.parent) - 1
                state.members.prefetch(warmed[i])
            }
        }
    }
}

extension KeyedHash {
    /// Hash of a string's bytes.
    @inline(__always)
    func of(_ string: String, space: UInt64) -> UInt64 {
        let found: UInt64? = unsafe string.utf8.withContiguousStorageIfAvailable { utf8 in
            unsafe self(BorrowedText(utf8.baseAddress, count: utf8.count), space: space)
        }
        return found ?? 0
    }
}
