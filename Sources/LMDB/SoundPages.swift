import CPlatform
import Glibc

/// Which pages of an environment's file were found sound since it was opened: a bit a page.
///
/// Address space for the whole map is reserved and costs nothing; resident is what was touched, a byte for eight pages,
/// so some 160 KiB of a file of 5 GiB. What a writer puts on a page later is its own and trusted: a page is looked at on its
/// way from the disk, once.
///
/// `@unchecked Sendable` holds because: the address and length never change, and bits are read and set by atomic
/// operations that order nothing (`platform_bit_is_set`); at worst a page is checked twice.
@safe final class SoundPages: @unchecked Sendable {
    private let bits: UnsafeMutablePointer<UInt8>?
    private let byteCount: Int

    /// - Parameter mapSizeBytes: how large the file may grow; pages past it are never remembered.
    init(mapSizeBytes: Int, pageSizeBytes: Int = 4_096) {
        let wanted = max(4_096, mapSizeBytes / pageSizeBytes / 8)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let address = unsafe mmap(nil, wanted, PROT_READ | PROT_WRITE, flags, -1, 0)
        let isMapped = unsafe address != MAP_FAILED
        // Without it each page is checked on each visit: slower, as right.
        unsafe bits = isMapped ? address?.assumingMemoryBound(to: UInt8.self) : nil
        byteCount = isMapped ? wanted : 0
    }

    deinit {
        if let bits = unsafe bits { unsafe munmap(bits, byteCount) }
    }

    @inline(__always) func contains(_ page: UInt64) -> Bool {
        guard page / 8 < UInt64(byteCount), let bits = unsafe bits else { return false }
        return unsafe platform_bit_is_set(bits, page) != 0
    }

    func insert(_ page: UInt64) {
        guard page / 8 < UInt64(byteCount), let bits = unsafe bits else { return }
        unsafe platform_set_bit(bits, page)
    }
}
