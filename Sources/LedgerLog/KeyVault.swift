import Glibc
import LMDB
import LedgerDomain
import Platform
import Synchronization

/// The keys of personal data: a small LMDB environment of its own (`keys/`), on disk before the log refers to
/// a key.
///
/// One random 256-bit key a user seals what erasure must be able to destroy; one secret of the ledger keys
/// the hashes
/// of signals. Safe from any thread.
public final class KeyVault: @unchecked Sendable {
    // Proof of Sendable: `pending` and `secret` are only touched under `lock`; the environment is itself safe, the rest is
    // constant or atomic.
    private let lock = Lock()
    private let environment: Environment
    private let keys: Database
    private let ledger: Database
    private var pending: [UInt32: [UInt8]] = [:]
    /// Whether there are any.
    private let hasPending = Atomic<Bool>(false)
    private var secret: [UInt8]
    private let isReadOnly: Bool
    /// New keys are drawn and never written: for decisions of which nothing is kept.
    private let isRehearsing: Bool
    /// The environment is another vault's, to close.
    private let isShared: Bool

    /// Opens the vault of a ledger, or makes it with a fresh secret.
    ///
    /// Without the right secret no signal matches what was recorded under the old one, so self-referral would
    /// be paid, and repeated signups would look like other ones. So a ledger that has records never gets new
    /// keys: they have to be restored.
    ///
    /// - Parameters:
    ///   - ledgerId: whose keys they are; a vault that does not say so yet is bound to it.
    ///   - mayCreate: whether a vault without a secret gets one: while the log is still empty.
    /// - Throws: `broken` when the keys are missing or another ledger's.
    public convenience init(
        directory: String, readOnly: Bool, ledgerId: Bytes16, mayCreate: Bool
    ) throws(LogError) {
        try self.init(directory, readOnly: readOnly, rehearsing: false, ledgerId, mayCreate)
    }

    /// Opens a ledger's vault to decide what is not recorded: reads it, draws keys for new users and forgets
    /// them.
    public convenience init(rehearsingIn directory: String, ledgerId: Bytes16) throws(LogError) {
        try self.init(directory, readOnly: true, rehearsing: true, ledgerId, false)
    }

    private init(
        _ directory: String, readOnly: Bool, rehearsing: Bool, _ ledgerId: Bytes16, _ mayCreate: Bool
    ) throws(LogError) {
        isReadOnly = readOnly
        isRehearsing = rehearsing
        isShared = false
        if !readOnly || rehearsing, !mayCreate, unsafe access(directory + "/data.mdb", F_OK) != 0,
            errno == ENOENT
        {
            throw .keysMissing(directory)
        }
        do {
            environment = try Environment(
                directory: directory, options: .init(mapSizeBytes: 1 << 36, readOnly: readOnly))
        } catch {
            throw LogError(error, "cannot open the keys in \(directory)")
        }
        do throws(LogError) {
            (keys, ledger) = try Self.databases(environment, directory, create: !readOnly)
            secret = try Self.secret(environment, ledger, directory, ledgerId, mayCreate && !readOnly)
        } catch {
            // A class's `init` that throws runs no `deinit`.
            environment.close()
            throw error
        }
    }

    private init(sharing other: KeyVault) {
        environment = other.environment
        (keys, ledger) = (other.keys, other.ledger)
        secret = other.lock.locked { other.secret }
        isReadOnly = true
        isRehearsing = true
        isShared = true
    }

    /// The same keys for decisions of which nothing is kept: those on disk, and new ones that are forgotten.
    /// To be used as long as this vault is open.
    public func rehearsing() -> KeyVault { KeyVault(sharing: self) }

    private static func databases(
        _ environment: Environment, _ directory: String, create: Bool
    ) throws(LogError) -> (Database, Database) {
        do throws(LMDBError) {
            return (
                try environment.openDatabase("keys", integerKeys: true, create: create),
                try environment.openDatabase("ledger", integerKeys: false, create: create)
            )
        } catch {
            throw LogError(error, "cannot read the keys in \(directory)")
        }
    }

    /// The secret under which signals are hashed; drawn when there is none and there may be a new one.
    private static func secret(
        _ environment: Environment, _ ledger: Database, _ directory: String, _ id: Bytes16, _ mayCreate: Bool
    ) throws(LogError) -> [UInt8] {
        let known: [UInt8]?
        let owner: [UInt8]?
        do throws(LMDBError) {
            let read = try environment.beginRead()
            known = try read.bytes(ledger, named: "secret")
            owner = try read.bytes(ledger, named: "ledgerId")
        } catch {
            throw LogError(error, "cannot read the keys in \(directory)")
        }
        let secretIsWhole = known.map { $0.count == 40 && isWhole($0, of: secretNumber) } ?? true
        guard secretIsWhole else {
            throw LogError(.broken, "the secret in \(directory) is damaged: restore keys/ from its backup")
        }
        if let owner, owner != id.bytes {
            throw LogError(
                .broken, "the keys in \(directory) are another ledger's: restore keys/ from this one's backup"
            )
        }
        guard known != nil || mayCreate else { throw .keysMissing(directory) }
        let secret = if let known { Array(known.prefix(32)) } else { try drawn(32) }
        if environment.isReadOnly || (known != nil && owner != nil) { return secret }
        do throws(LMDBError) {
            let write = try environment.beginWrite()
            try write.put(ledger, named: "secret", withSum(secret, of: secretNumber))
            try write.put(ledger, named: "ledgerId", id.bytes)
            try write.commit()
        } catch {
            throw LogError(error, "cannot write the keys in \(directory)")
        }
        return secret
    }

    private static func drawn(_ count: Int) throws(LogError) -> [UInt8] {
        do { return try Crypto.random(count) } catch { throw LogError(.inputOutput, error.message) }
    }

    /// A user's key; drawn when there is none and `create` is set. Nil once erased.
    public func key(of user: UserNumber, create: Bool) throws(LogError) -> [UInt8]? {
        lock.lock()
        defer { lock.unlock() }
        if let fresh = pending[user.rawValue] { return fresh }
        var stored: [UInt8]?
        do {
            let read = try environment.beginRead()
            let table = try read.checkedTable(keys, named: "keys")
            if let known = unsafe try table.value(key: UInt64(user.rawValue)) {
                stored = unsafe Array(known)
            }
        } catch {
            throw LogError(error, "cannot read the keys")
        }
        if let stored {
            guard Self.isWhole(stored, of: UInt64(user.rawValue)) else {
                throw LogError(
                    .broken,
                    "the key of user number \(user.rawValue) is damaged: restore keys/ from its backup")
            }
            return Array(stored.prefix(32))
        }
        guard create, !isReadOnly || isRehearsing else { return nil }
        let fresh = try Self.drawn(32)
        pending[user.rawValue] = fresh
        hasPending.store(true, ordering: .relaxed)
        return fresh
    }

    /// Of the secret, where users have their numbers.
    static let secretNumber = UInt64.max

    /// A key and eight bytes of SHA-256 over it and its owner's number: damage must not look like another key.
    static func withSum(_ key: [UInt8], of number: UInt64) -> [UInt8] {
        let owner = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
        return key + SHA256Hasher().hash(key + owner).bytes.prefix(8)
    }

    private static func isWhole(_ stored: [UInt8], of number: UInt64) -> Bool {
        stored.count == 40 && withSum(Array(stored.prefix(32)), of: number) == stored
    }

    /// Checks every page and every key of a vault.
    /// - Returns: what is wrong; empty when nothing is.
    public static func check(directory: String) throws(LogError) -> [String] {
        var found: [String] = []
        do throws(LMDBError) {
            let environment = try Environment(
                directory: directory, options: .init(mapSizeBytes: 1 << 36, readOnly: true))
            defer { environment.close() }
            let report = try environment.checkPages()
            if !report.faults.isEmpty {
                return report.faults.map { "page \($0.page) (\($0.table)): \($0.message)" }
            }
            let keys = try environment.openDatabase("keys", integerKeys: true, create: false)
            let read = try environment.beginRead()
            let cursor = try read.cursor(keys)
            while let (number, value) = unsafe try cursor.nextInteger() {
                let isGood = unsafe isWhole(Array(value), of: number)
                if !isGood { found.append("the key of user number \(number) is damaged") }
            }
        } catch {
            throw LogError(error, "the keys in \(directory) cannot be checked")
        }
        return found
    }

    /// Writes new keys to disk: to be called before a group that refers to them is appended.
    public func flush() throws(LogError) {
        // Whoever calls it has made the keys, or was told of the group that they are for through a lock.
        if !hasPending.load(ordering: .relaxed) { return }
        lock.lock()
        defer { lock.unlock() }
        do throws(LMDBError) {
            let write = try environment.beginWrite()
            for (user, key) in pending {
                let value = Self.withSum(key, of: UInt64(user))
                try unsafe value.span.bytes.withUnsafeBytes { (raw) throws(LMDBError) in
                    try unsafe write.put(keys, key: UInt64(user), value: raw, append: false)
                }
            }
            try write.commit()
        } catch {
            throw LogError(error, "cannot write the keys")
        }
        pending.removeAll()
        hasPending.store(false, ordering: .relaxed)
    }

    /// Keyed hash of a signal: HMAC-SHA-256 under the ledger's secret, first sixteen bytes.
    public func hash(_ kind: SignalKind, _ text: String) -> Bytes16 {
        lock.lock()
        let secret = secret
        lock.unlock()
        return Bytes16(Crypto.hmac(key: secret, [kind.rawValue] + Array(text.utf8)))
    }

    /// A copy of the keys under `directory`, made while the ledger goes on: every key that is on disk.
    public func copy(to directory: String, compacting: Bool) throws(LogError) {
        do {
            try environment.copy(to: directory, compacting: compacting)
        } catch {
            throw LogError(error, "the keys cannot be copied to \(directory)")
        }
    }

    public func close() {
        if !isShared { environment.close() }
    }
}

extension LogError {
    fileprivate static func keysMissing(_ directory: String) -> LogError {
        LogError(.broken, "the ledger's keys are not in \(directory): restore keys/ from its backup")
    }
}
