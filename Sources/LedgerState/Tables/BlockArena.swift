import Glibc
import Platform

/// Memory for blocks: 64 KiB pieces of 2 MiB regions, which the kernel may back with huge pages unless it is told not to.
///
/// Thread-safe: a table that is fed (`IdFeeder`) takes blocks beside the others. Memory is given back to the arena,
/// and to the system when the arena goes.
@safe public final class BlockArena {
    public static let blockBytes = 65_536
    private static let regionBytes = 2 << 20
    private let lock = Lock()
    private var regions: [UnsafeMutableRawPointer] = unsafe []
    /// Blocks that were given back.
    private var free: [UnsafeMutableRawPointer] = unsafe []
    /// What was never taken of the newest region: the system hands memory out as zeros.
    private var fresh = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)

    private let huge: Bool

    /// - Parameter huge: Whether the kernel may back it with huge pages. Not for what is given back piece by piece: a kernel that puts
    ///   huge pages together again would fill the gaps.
    public init(huge: Bool = true) { self.huge = huge }

    deinit {
        while let region = unsafe regions.popLast() { unsafe munmap(region, Self.regionBytes) }
    }

    /// A block of unspecified content, aligned to 64 KiB. Traps when the system has no memory left: there is
    /// no state
    /// to go on with.
    func take() -> UnsafeMutableRawPointer {
        lock.lock()
        defer { lock.unlock() }
        if let block = unsafe free.popLast() { return unsafe block }
        return unsafe takeFresh()
    }

    /// A block of zeros; else as `take`. Cost: that of `take`, and for memory that was given back before, of clearing it.
    func takeZeroed() -> UnsafeMutableRawPointer {
        lock.lock()
        if let block = unsafe free.popLast() {
            lock.unlock()
            unsafe block.initializeMemory(as: UInt8.self, repeating: 0, count: Self.blockBytes)
            return unsafe block
        }
        defer { lock.unlock() }
        return unsafe takeFresh()
    }

    /// With the lock held.
    private func takeFresh() -> UnsafeMutableRawPointer {
        if unsafe fresh.isEmpty { unsafe fresh = mapRegion() }
        let block = unsafe fresh.baseAddress!
        unsafe fresh = UnsafeMutableRawBufferPointer(rebasing: fresh[Self.blockBytes...])
        return unsafe block
    }

    private func mapRegion() -> UnsafeMutableRawBufferPointer {
        // Twice the size, then trimmed: mmap does not align to 2 MiB by itself.
        let size = Self.regionBytes
        let mapped = unsafe mmap(nil, size * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let raw = unsafe mapped, unsafe raw != MAP_FAILED else {
            fatalError("out of memory for state blocks")
        }
        let address = UInt(bitPattern: raw)
        let aligned = (address + UInt(size) - 1) & ~UInt(size - 1)
        let head = Int(aligned - address)
        if head > 0 { unsafe munmap(raw, head) }
        let region = unsafe raw + head
        unsafe munmap(region + size, size - head)
        if huge {
            unsafe SystemMemory.adviseHugePages(region, byteCount: size)
        } else {
            unsafe madvise(region, size, MADV_NOHUGEPAGE)
        }
        unsafe regions.append(region)
        return unsafe UnsafeMutableRawBufferPointer(start: region, count: size)
    }

    /// As `give`, and the memory goes back to the system until the block is taken again.
    func giveBack(_ block: UnsafeMutableRawPointer) {
        unsafe madvise(block, Self.blockBytes, MADV_DONTNEED)
        unsafe give(block)
    }

    func give(_ block: UnsafeMutableRawPointer) { lock.locked { unsafe free.append(block) } }

    /// A block that reads as zeros and is never written.
    static let zeroBlock: ZeroBlock = ZeroBlock()

    @safe final class ZeroBlock: @unchecked Sendable {
        // Proof of Sendable: written once here, read-only ever after.
        let base: UnsafeMutableRawPointer
        init() {
            unsafe base = .allocate(byteCount: BlockArena.blockBytes, alignment: 4096)
            unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: BlockArena.blockBytes)
        }
    }
}

/// Where blocks that were not changed since the last checkpoint come from.
public protocol BlockSource: AnyObject {
    /// The block as the checkpoint has it, checked for damage; nil when damaged or missing.
    /// Valid until the source is replaced.
    func block(table: Int, index: Int) -> UnsafeRawPointer?
}
