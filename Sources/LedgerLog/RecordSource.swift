import LMDB
import LedgerDomain

/// Reads single records for the fold and for decisions: from disk, or from groups not yet on disk.
///
/// Not thread-safe: it belongs to whoever holds the state's lock. What it hands out is valid until `renew`,
/// or until
/// the group is taken out.
@safe public final class RecordSource {
    // One thread at a time, and no access to a field calls out: exclusive access needs no check at run time.
    private let store: LogStore
    private var read: ReadTransaction?
    @safe @exclusivity(unchecked) private var entered = false
    private var records: CheckedTable?
    /// Where the last look-up in `records` ended: what is due together was mostly recorded together.
    private var place = CheckedTable.Place()
    /// Groups decided and not yet on disk: two at the most.
    @safe @exclusivity(unchecked) private var older: RecordGroup?
    @safe @exclusivity(unchecked) private var newer: RecordGroup?

    /// The record being decided, as far as it is.
    private var building: (base: LogPosition, bytes: UnsafeRawBufferPointer)?

    /// Memberwise.
    public init(_ store: LogStore) { self.store = store }

    deinit { release() }

    /// Lets go of the snapshot: needed before the log is reopened or closed, and after each append to see it.
    public func release() {
        guard entered else { return }
        records = nil
        read = nil
        entered = false
        store.leaveReading()
    }

    /// The record being decided becomes readable, as far as it is, until `hideBuilding`.
    public func showBuilding(_ bytes: UnsafeRawBufferPointer, _ base: LogPosition) {
        unsafe building = (base, bytes)
    }
    public func hideBuilding() { unsafe building = nil }

    /// A group's records become readable before they are on disk. Traps when two are so already.
    public func add(_ group: RecordGroup) {
        precondition(newer == nil, "three groups are in flight")
        if older == nil { older = group } else { newer = group }
    }

    /// A group is on disk, or undone.
    public func remove(_ group: RecordGroup) {
        if newer === group {
            newer = nil
        } else if older === group {
            older = newer
            newer = nil
        }
        release()
    }

    /// The record that starts at a position; nil when there is none. Cost: one LMDB look-up, about 0.3 µs
    /// warm; less beside the one before.
    public func record(at base: LogPosition) throws(LogError) -> UnsafeRawBufferPointer? {
        if let building = unsafe building, unsafe building.base == base { return unsafe building.bytes }
        if let found = unsafe newer?.record(at: base) ?? older?.record(at: base) { return unsafe found }
        do {
            if !entered {
                let (environment, database) = store.enterReading()
                entered = true
                let read = try environment.beginRead()
                records = try LogStore.checked(read, database)
                place = CheckedTable.Place()
                self.read = consume read
            }
            return unsafe try records!.value(key: base.rawValue, near: &place)
        } catch {
            // Half begun is not begun: the next look-up tries again.
            if records == nil { release() }
            throw LogError(error, "the log cannot be read")
        }
    }
}
