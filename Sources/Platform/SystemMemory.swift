import CPlatform

/// Advice to the system about memory.
public enum SystemMemory {
    /// Asks for huge pages on a region. Advice only: where it is not taken, nothing changes but speed.
    public static func adviseHugePages(_ start: UnsafeMutableRawPointer, byteCount: Int) {
        _ = unsafe platform_advise_huge_pages(start, byteCount)
    }
}
