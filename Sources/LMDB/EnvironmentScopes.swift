extension Environment {
    /// Runs `body` with a read transaction that ends with it. Nothing it returns may lead into the
    /// transaction.
    public func withRead<R: ~Copyable>(
        _ body: (borrowing ReadTransaction) throws(LMDBError) -> R
    ) throws(LMDBError) -> R {
        let transaction = try beginRead()
        return try body(transaction)
    }

    /// Runs `body` with the write transaction, then commits; undoes everything when `body` throws.
    public func withWrite<R: ~Copyable>(
        _ body: (borrowing WriteTransaction) throws(LMDBError) -> R
    ) throws(LMDBError) -> R {
        let transaction = try beginWrite()
        let result = try body(transaction)
        try transaction.commit()
        return result
    }
}
