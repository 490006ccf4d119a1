import LedgerDomain
import StrictJSON

/// What a backup says of itself: `backup.json`, written after everything that it speaks of. Source:
/// Documentation/backup.md.
struct BackupManifest: Equatable {
    static let fileName = "backup.json"
    static let format: Int64 = 1

    var ledgerId = ""
    var position = LogPosition.start
    var records: UInt64 = 0
    var logBytes: UInt64 = 0
    /// Of `log/data.mdb`, hexadecimal.
    var logSHA256 = ""
    /// Given when the backup was verified, hexadecimal.
    var stateDigest: String?
    var logRoot: String?
    var foldVersion = ""
    var viewsSHA256: String?

    var text: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("format", Self.format)
        json.member("ledgerId", ledgerId)
        json.member("position", position.rawValue)
        json.member("records", records)
        json.member("logBytes", logBytes)
        json.member("logSha256", logSHA256)
        json.member("foldVersion", foldVersion)
        if let stateDigest { json.member("stateDigest", stateDigest) }
        if let logRoot { json.member("logRoot", logRoot) }
        if let viewsSHA256 { json.member("viewsSha256", viewsSHA256) }
        json.endObject()
        json.endLine()
        return json.bytes
    }

    /// The manifest of a backup.
    /// - Throws: `noLedger` when there is none, `newer`, `broken`.
    static func read(_ directory: String) throws(LedgerError) -> BackupManifest {
        let path = directory + "/" + fileName
        guard let bytes = HashedCopy.read(path) else {
            throw LedgerError(.noLedger, "there is no backup in \(directory): it has no \(fileName)")
        }
        guard let root = try? JSONValue.parse(bytes), case .object = root.kind else {
            throw LedgerError(.broken, "\(path) is damaged")
        }
        guard let format = root["format"]?.integer else { throw LedgerError(.broken, "\(path) is damaged") }
        guard format == Self.format else {
            throw LedgerError(.newer, "\(path) has format \(format); this program knows \(Self.format)")
        }
        var manifest = BackupManifest()
        guard let id = root.text("ledgerId"), let hash = root.text("logSha256"),
            let position = root["position"]?.integer, let records = root["records"]?.integer,
            let size = root["logBytes"]?.integer, position >= 0, records >= 0, size >= 0
        else { throw LedgerError(.broken, "\(path) is damaged") }
        (manifest.ledgerId, manifest.logSHA256) = (id, hash)
        manifest.position = LogPosition(UInt64(position))
        (manifest.records, manifest.logBytes) = (UInt64(records), UInt64(size))
        manifest.foldVersion = root.text("foldVersion") ?? ""
        (manifest.stateDigest, manifest.logRoot) = (root.text("stateDigest"), root.text("logRoot"))
        manifest.viewsSHA256 = root.text("viewsSha256")
        return manifest
    }
}

/// What a copy of the keys says of itself: `keys.json`.
struct KeysManifest: Equatable {
    static let fileName = "keys.json"

    var ledgerId = ""
    /// A position of the log at or before which no key is missing.
    var position = LogPosition.start
    /// Of `data.mdb`, hexadecimal.
    var sha256 = ""

    var text: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("format", BackupManifest.format)
        json.member("ledgerId", ledgerId)
        json.member("position", position.rawValue)
        json.member("sha256", sha256)
        json.endObject()
        json.endLine()
        return json.bytes
    }

    static func read(_ directory: String) throws(LedgerError) -> KeysManifest {
        let path = directory + "/" + fileName
        guard let bytes = HashedCopy.read(path) else {
            throw LedgerError(.noLedger, "there is no copy of keys in \(directory): it has no \(fileName)")
        }
        guard let root = try? JSONValue.parse(bytes), let id = root.text("ledgerId"),
            let hash = root.text("sha256"), let position = root["position"]?.integer, position >= 0
        else { throw LedgerError(.broken, "\(path) is damaged") }
        return KeysManifest(ledgerId: id, position: LogPosition(UInt64(position)), sha256: hash)
    }
}

extension JSONValue {
    fileprivate func text(_ name: String) -> String? {
        guard let value = self[name], case .string(let text) = value.kind else { return nil }
        return text
    }
}
