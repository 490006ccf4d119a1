import LMDB
import LedgerDomain
import Platform

/// The keys of personal data: a small LMDB environment of its own (`keys/`), on disk before the log refers to
/// a key.
///
/// One random 256-bit key a user seals what erasure must be able to destroy; one secret of the ledger keys
/// the hashes
/// of signals. Safe from any thread.
public final class KeyVault: @unchecked Sendable {
    // Proof of Sendable: `pending` and `secret` are only touched under `lock`; the environment is itself
    // safe.
    private let lock = Lock()
    private let environment: Environment
    private let keys: Database
    private let ledger: Database
    private var pending: [UInt32: [UInt8]] = [:]
    private var secret: [UInt8]
    private let isReadOnly: Bool

    /// Opens the vault, or makes it with a fresh secret.
    public init(directory: String, readOnly: Bool) throws(LogError) {
        isReadOnly = readOnly
        do {
            environment = try Environment(
                directory: directory, options: .init(mapSizeBytes: 1 << 36, readOnly: readOnly))
        } catch {
            throw LogError(error, "cannot open the keys in \(directory)")
        }
        do {
            keys = try environment.openDatabase("keys", integerKeys: true, create: !readOnly)
            ledger = try environment.openDatabase("ledger", integerKeys: false, create: !readOnly)
            let read = try environment.beginRead()
            secret = try read.bytes(ledger, named: "secret") ?? []
        } catch {
            environment.close()
            throw LogError(error, "cannot read the keys in \(directory)")
        }
        if secret.isEmpty, !readOnly {
            secret = try Self.drawn(32)
            do {
                let write = try environment.beginWrite()
                try write.put(ledger, named: "secret", secret)
                try write.commit()
            } catch {
                throw LogError(error, "cannot write the keys in \(directory)")
            }
        }
    }

    private static func drawn(_ count: Int) throws(LogError) -> [UInt8] {
        do { return try Crypto.random(count) } catch { throw LogError(.inputOutput, error.message) }
    }

    /// A user's key; drawn when there is none and `create` is set. Nil once erased.
    public func key(of user: UserNumber, create: Bool) throws(LogError) -> [UInt8]? {
        lock.lock()
        defer { lock.unlock() }
        if let fresh = pending[user.rawValue] { return fresh }
        do {
            let read = try environment.beginRead()
            if let known = unsafe try read.value(keys, key: UInt64(user.rawValue)) {
                return unsafe Array(known)
            }
        } catch {
            throw LogError(error, "cannot read the keys")
        }
        guard create, !isReadOnly else { return nil }
        let fresh = try Self.drawn(32)
        pending[user.rawValue] = fresh
        return fresh
    }

    /// Writes new keys to disk: to be called before a group that refers to them is appended.
    public func flush() throws(LogError) {
        lock.lock()
        defer { lock.unlock() }
        if pending.isEmpty { return }
        do throws(LMDBError) {
            let write = try environment.beginWrite()
            for (user, key) in pending {
                try unsafe key.span.bytes.withUnsafeBytes { (raw) throws(LMDBError) in
                    try unsafe write.put(keys, key: UInt64(user), value: raw, append: false)
                }
            }
            try write.commit()
        } catch {
            throw LogError(error, "cannot write the keys")
        }
        pending.removeAll()
    }

    /// Keyed hash of a signal: HMAC-SHA-256 under the ledger's secret, first sixteen bytes.
    public func hash(_ kind: SignalKind, _ text: String) -> Bytes16 {
        lock.lock()
        let secret = secret
        lock.unlock()
        return Bytes16(Crypto.hmac(key: secret, [kind.rawValue] + Array(text.utf8)))
    }

    public func close() { environment.close() }
}
