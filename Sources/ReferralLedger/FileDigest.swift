import Glibc
import LedgerLog

/// SHA-256 of files: the id of an import.
public enum FileDigest {
    /// SHA-256 of a file's bytes, hexadecimal. Cost: one pass over the file.
    public static func sha256(path: String) throws(LedgerError) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw LedgerError(.inputOutput, "cannot open \(path): \(unsafe String(cString: strerror(errno)))")
        }
        defer { _ = close(descriptor) }
        let hasher = SHA256Hasher()
        hasher.begin()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { unsafe buffer.deallocate() }
        while true {
            let count = unsafe read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw LedgerError(
                    .inputOutput, "cannot read \(path): \(unsafe String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            unsafe hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return hasher.finish().hex
    }
}
