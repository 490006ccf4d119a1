import CLMDB

/// The LMDB that this process runs with.
public enum LMDBLibrary {
    /// Its version: `0.9.24`.
    public static var version: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        _ = unsafe mdb_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }
}
