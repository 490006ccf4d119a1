import LMDB

extension ReadTransaction {
    /// A copy of the value under a short name.
    func bytes(_ database: Database, named name: String) throws(LMDBError) -> [UInt8]? {
        try unsafe Array(name.utf8).span.bytes.withUnsafeBytes { (key) throws(LMDBError) -> [UInt8]? in
            try unsafe value(database, key: key).map { unsafe Array($0) }
        }
    }
}

extension WriteTransaction {
    /// A copy of the value under a short name.
    func bytes(_ database: Database, named name: String) throws(LMDBError) -> [UInt8]? {
        try unsafe Array(name.utf8).span.bytes.withUnsafeBytes { (key) throws(LMDBError) -> [UInt8]? in
            try unsafe value(database, key: key).map { unsafe Array($0) }
        }
    }

    /// Puts a value under a short name.
    func put(_ database: Database, named name: String, _ bytes: [UInt8]) throws(LMDBError) {
        try unsafe Array(name.utf8).span.bytes.withUnsafeBytes { (key) throws(LMDBError) in
            try unsafe bytes.span.bytes.withUnsafeBytes { (value) throws(LMDBError) in
                try unsafe put(database, key: key, value: value)
            }
        }
    }
}
