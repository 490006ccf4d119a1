import StrictJSON

/// Why an input line is not a command, and where. The line's number is the reader's to add.
public struct LineProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of problem. Raw values are stable: they appear in reject files and in `--json` output.
    public enum Code: String, Sendable, CaseIterable {
        /// Not one JSON object by RFC 8259; the message says what.
        case jsonInvalid = "json.invalid"
        /// A name twice in an object.
        case jsonDuplicateKey = "json.duplicate_key"
        /// Above ``CommandLineDecoder/maximumLineBytes``.
        case lineTooLong = "line.too_long"
        /// Bytes that are not well-formed UTF-8.
        case lineNotUTF8 = "line.not_utf8"
        /// U+0000, raw or escaped.
        case lineNUL = "line.nul"
        /// No `type`.
        case typeMissing = "type.missing"
        /// A `type` that is none of ``CommandLineDecoder/lineTypes``.
        case typeUnknown = "type.unknown"
        /// A required field is absent.
        case fieldMissing = "field.missing"
        /// A field that the type does not have.
        case fieldUnknown = "field.unknown"
        /// A value of another JSON kind than the field takes; `null` is one.
        case fieldType = "field.type"
        /// A whole number that does not fit 64 bits.
        case fieldRange = "field.range"
        /// A text that is none of the field's choices.
        case fieldChoice = "field.choice"
        /// Two fields of which a line may have one.
        case fieldConflict = "field.conflict"
        /// A text that is no amount.
        case amountNotDecimal = "amount.not_decimal"
        /// More fraction digits than the currency has.
        case amountTooManyDigits = "amount.too_many_digits"
        /// Does not fit 64 bits of minor units.
        case amountOverflow = "amount.overflow"
        /// A JSON number where a decimal string is due.
        case amountFloat = "amount.float"
        /// A code that names no currency or unit.
        case currencyUnknown = "currency.unknown"
        /// A text that is no moment, or one that does not exist.
        case timeInvalid = "time.invalid"
        /// A moment outside 1677 to 2262.
        case timeOutOfRange = "time.out_of_range"
        /// A policy with something wrong in it.
        case policyInvalid = "policy.invalid"
        /// A time zone whose rules this system cannot give.
        case zoneUnknown = "zone.unknown"
        /// A CSV row with another number of cells than the header.
        case csvCellCount = "csv.cell_count"
        /// A CSV quote that never closes, or something other than a comma behind the closing one.
        case csvQuote = "csv.quote"
    }

    /// The kind of problem.
    public var code: Code
    /// The field at fault, with a dot for a member of an object (`signals.ip`); nil where it is the line.
    public var field: String?
    /// From 1, in Unicode scalars from the start of the line (of a CSV row: of its text).
    public var column: Int
    /// One sentence for people.
    public var message: String

    /// Makes a problem.
    public init(_ code: Code, field: String? = nil, column: Int, _ message: String) {
        self.code = code
        self.field = field
        self.column = column
        self.message = message
    }

    /// `column 14: amount.float: an amount is a string, such as "49.99"`.
    public var description: String { "column \(column): \(code.rawValue): \(message)" }
}

/// A problem before its column is worked out.
struct LineFault: Error {
    var code: LineProblem.Code
    var field: String?
    /// In bytes from the start of the line.
    var offset: Int
    var message: String

    init(_ code: LineProblem.Code, field: String? = nil, at offset: Int, _ message: String) {
        self.code = code
        self.field = field
        self.offset = offset
        self.message = message
    }

    /// A fault of the grammar. The scanner calls raw NUL and stray bytes outside strings unexpected; here
    /// they are named.
    init(_ error: JSONError, in line: UnsafeBufferPointer<UInt8>) {
        let offset = error.byteOffset
        let byte = offset < line.count ? unsafe line[offset] : UInt8(ascii: " ")
        let isMisplaced = error.reason == .unexpectedByte || error.reason == .trailingBytes
        switch error.reason {
        case .nulCharacter:
            self.init(.lineNUL, at: offset, "the line holds NUL")
        case .invalidUTF8:
            self.init(.lineNotUTF8, at: offset, "the line is not well-formed UTF-8")
        case .unexpectedByte where byte == 0, .trailingBytes where byte == 0, .notAnObject where byte == 0:
            self.init(.lineNUL, at: offset, "the line holds NUL")
        case .duplicateKey:
            self.init(.jsonDuplicateKey, at: offset, "a name stands twice in one object")
        default:
            if isMisplaced || error.reason == .notAnObject,
                let stray = unsafe UTF8Text.firstInvalidOffset(in: line), stray == offset
            {
                self.init(.lineNotUTF8, at: offset, "the line is not well-formed UTF-8")
            } else {
                self.init(.jsonInvalid, at: offset, "not one JSON object: \(error.reason.message)")
            }
        }
    }

    /// With the column that an editor shows.
    func problem(in line: UnsafeBufferPointer<UInt8>) -> LineProblem {
        let column = unsafe JSONPosition(byteOffset: offset, in: line.span).column
        return LineProblem(code, field: field, column: column, message)
    }
}
