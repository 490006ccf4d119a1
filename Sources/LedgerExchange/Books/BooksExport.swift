import ReferralLedger

/// For which program the books are written.
public enum BooksFormat: String, Sendable, CaseIterable {
    /// A journal for hledger (1.25 and later).
    case hledger
    /// A journal for Ledger (3.3).
    case ledger
    /// An input file for Beancount (2.3).
    case beancount
    /// One row a posting, for spreadsheets and scripts.
    case csv
}

/// The books of a ledger for another program: each event that moves money is a transaction, and running
/// balances are asserted, so that the other program checks the sums.
///
/// Transactions stand in the order of (date, business time, position), dates in the programme's time zone.
/// Names are mapped as Documentation/exports.md says. Memory: about 60 bytes a posting and 100 a payment or
/// other named thing. Cost: a pass over the log, a sort, a pass over the postings. Isolation: a value, for
/// one thread.
public struct BooksExport {
    /// Why there are no books.
    public enum Failure: Error, Sendable, Equatable {
        /// The ledger could not be read.
        case ledger(LedgerError)
        /// A running balance leaves 64 bits of minor units; the position of the event that does it.
        case overflow(LogPosition)
    }

    private let reader: LedgerReader
    private let format: BooksFormat
    private let end: LogPosition
    private let effective: Timestamp?
    private let programme: String?

    /// The books of a ledger as the reader sees it.
    /// - Parameters:
    ///   - reader: of the present or a past state.
    ///   - end: the last position that is written.
    ///   - effective: Only events that had happened by then, by business time; nil: all.
    ///   - programme: Only this one's books; nil: all.
    public init(
        _ reader: LedgerReader, format: BooksFormat, through end: LogPosition, effective: Timestamp? = nil,
        programme: String? = nil
    ) {
        self.reader = reader
        self.format = format
        self.end = end
        self.effective = effective
        self.programme = programme
    }

    /// Writes the books in pieces of about 64 KiB.
    /// - Parameters:
    ///   - onProgress: told the position that has been read.
    ///   - emit: takes UTF-8; `false` ends the export early.
    public func write(
        onProgress: (LogPosition) -> Void = { _ in }, emit: @escaping ([UInt8]) -> Bool
    ) throws(Failure) {
        let books = try Books(reader, through: end, effective: effective, programme: programme, onProgress)
        var text = BooksText(emit: emit)
        switch format {
        case .hledger, .ledger:
            var writer = JournalWriter(books)
            try Self.run(&writer, books, &text)
        case .beancount:
            var writer = BeancountWriter(books)
            try Self.run(&writer, books, &text)
        case .csv:
            var writer = CSVBooksWriter(books)
            try Self.run(&writer, books, &text)
        }
        text.flush()
    }

    private static func run(
        _ writer: inout some BooksWriter, _ books: Books, _ text: inout BooksText
    ) throws(Failure) {
        writer.begin(&text)
        var balances: [UInt64: Int64] = [:]
        var legs: [BooksLeg] = []
        for entry in books.entries {
            legs.removeAll(keepingCapacity: true)
            for leg in books.legs(of: entry) {
                let key = UInt64(leg.account) << 32 | UInt64(leg.asset)
                let (after, overflow) = balances[key, default: 0].addingReportingOverflow(leg.amount)
                if overflow { throw .overflow(entry.position) }
                balances[key] = after
                legs.append(
                    BooksLeg(
                        account: Int(leg.account), asset: Int(leg.asset), amount: leg.amount, after: after))
            }
            writer.transaction(entry, legs, &text)
            if text.isOver { return }
        }
        writer.end(&text)
    }
}

/// One posting with the balance of its account and asset after it. Debits are above zero.
struct BooksLeg {
    let account: Int
    let asset: Int
    let amount: Int64
    let after: Int64
}

/// Books in one program's form. Called in the order of the file.
protocol BooksWriter {
    /// What stands before the first transaction.
    mutating func begin(_ text: inout BooksText)
    /// One transaction.
    mutating func transaction(_ entry: Books.Entry, _ legs: [BooksLeg], _ text: inout BooksText)
    /// What stands after the last transaction.
    mutating func end(_ text: inout BooksText)
}

/// Lines, handed on in pieces.
struct BooksText {
    private static let pieceBytes = 65_536
    private let emit: ([UInt8]) -> Bool
    private var bytes: [UInt8] = []
    /// Whether nobody wants more.
    private(set) var isOver = false

    init(emit: @escaping ([UInt8]) -> Bool) {
        self.emit = emit
        bytes.reserveCapacity(Self.pieceBytes + 1_024)
    }

    mutating func line(_ parts: String...) {
        for part in parts { bytes.append(contentsOf: part.utf8) }
        bytes.append(0x0A)
        if bytes.count >= Self.pieceBytes { flush() }
    }

    mutating func flush() {
        if !isOver, !bytes.isEmpty { isOver = !emit(bytes) }
        bytes.removeAll(keepingCapacity: true)
    }
}
