enum EmptyLedgerExchange {}
