import ReferralLedger
import StrictJSON

// How answers are written: JSON for programs, aligned text for people.

extension Asset {
    /// The asset of that code.
    static func option(_ code: String, of name: String) throws(CLIError) -> Asset {
        if let asset = Asset(code: code) { return asset }
        let codes = Asset.all.map(\.code)
        let hint = Suggestion.nearest(to: code, among: codes).map { "Did you mean '\($0)'?" }
        throw .usage("\(name) is '\(code)', no known currency or unit", hint: hint)
    }
}

extension LedgerReader {
    /// What assets are called in this ledger.
    func codes() throws(CLIError) -> AssetCodes {
        try calling { () throws(LedgerError) in try assetCodes() }
    }
}

extension Invocation {
    /// The asset that `--asset` names, one of the ledger's badges too, or nil.
    func asset(_ codes: AssetCodes) throws(CLIError) -> AssetNumber? {
        guard let code = parsed.string("asset") else { return nil }
        if let known = codes.asset(code) { return known }
        let hint = Suggestion.nearest(to: code, among: codes.all).map { "Did you mean '\($0)'?" }
        throw .usage("--asset is '\(code)', no known currency or unit", hint: hint)
    }

    /// The asset that `--asset` names, or nil.
    func asset() throws(CLIError) -> AssetNumber? {
        try parsed.string("asset").map { code throws(CLIError) in try Asset.option(code, of: "--asset").number
        }
    }
}

extension AssetNumber {
    /// The code of an asset that every ledger knows; see ``AssetCodes`` for a ledger's badges.
    var code: String { Asset(number: self)?.code ?? "ASSET-\(rawValue)" }

    /// An exact decimal without the code: `12.50`.
    func decimal(_ minor: Int64) -> String {
        DecimalText.format(minor: minor, exponent: Asset(number: self)?.exponent ?? 0)
    }

    /// For people: `12.50 GBP`.
    func text(_ minor: Int64) -> String { "\(decimal(minor)) \(code)" }

    /// For people, with a sign also above zero and nothing for zero: `+12.50`.
    func change(_ minor: Int64) -> String {
        minor == 0 ? "" : (minor > 0 ? "+" : "") + decimal(minor)
    }
}

extension Output {
    /// Writes one JSON object in a line.
    func json(_ body: (inout JSONWriter) throws(CLIError) -> Void) throws(CLIError) {
        var writer = JSONWriter()
        writer.beginObject()
        try body(&writer)
        writer.endObject()
        writer.endLine()
        write(writer.bytes)
    }

    /// Names and values below each other, values in one column.
    func facts(_ rows: [(name: String, value: String)]) {
        let width = rows.reduce(0) { max($0, DisplayText.columns($1.name)) } + 2
        for row in rows {
            line(style.dim(DisplayText.padded(row.name, to: width)) + DisplayText.safe(row.value))
        }
    }
}

extension JSONWriter {
    /// A member that is null when there is no text.
    mutating func member(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    /// A member that is null when there is no time.
    mutating func member(_ name: String, _ value: Timestamp?) { member(name, value?.description) }

    /// A member that is a position.
    mutating func member(_ name: String, _ value: LogPosition) { member(name, value.rawValue) }

    /// A member that is a list of objects.
    mutating func list<Element>(
        _ name: String, _ elements: some Sequence<Element>, _ body: (inout JSONWriter, Element) -> Void
    ) {
        key(name)
        beginArray()
        for element in elements {
            beginObject()
            body(&self, element)
            endObject()
        }
        endArray()
    }

    /// Members of a user's money in one asset.
    mutating func balance(_ balance: UserBalance, _ codes: AssetCodes) {
        let asset = balance.asset
        member("asset", codes.code(asset))
        member("pending", asset.decimal(balance.pending))
        member("available", asset.decimal(balance.available))
        member("held", asset.decimal(balance.held))
        member("reserved", asset.decimal(balance.reserved))
        member("receivable", asset.decimal(balance.receivable))
        member("earned", asset.decimal(balance.earned))
    }
}

/// Counts with their noun.
enum Plural {
    /// `1 user`, `2,000 users`.
    static func text(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(NumberText.grouped(count)) \(count == 1 ? noun : plural ?? noun + "s")"
    }
}
