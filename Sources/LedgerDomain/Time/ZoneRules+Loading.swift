#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why a zone's rules could not be loaded.
public struct ZoneProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong. Raw values are stable.
    public enum Reason: String, Sendable, CaseIterable {
        /// Not the shape of an IANA name; in particular anything that could leave the folder.
        case invalidName
        /// No file of that name.
        case unknownZone
        /// The file cannot be read.
        case unreadable
        /// The file is no RFC 8536 file of version 2 or later without leap seconds.
        case invalidFile
    }

    /// What is wrong.
    public var reason: Reason
    /// The name that was asked for.
    public var name: String

    /// Makes a problem.
    public init(reason: Reason, name: String) {
        self.reason = reason
        self.name = name
    }

    /// For a person.
    public var description: String {
        switch reason {
        case .invalidName: "“\(name)” is not a time zone's name"
        case .unknownZone: "no time zone “\(name)” on this system"
        case .unreadable: "the system's data of time zone “\(name)” cannot be read"
        case .invalidFile: "the system's data of time zone “\(name)” is not in a form this version reads"
        }
    }
}

/// Names of time zones, by shape.
public enum ZoneName {
    /// Whether a text may be an IANA name: parts of ASCII letters, digits, `_`, `+`, `-`, each beginning with
    /// a letter or digit, joined by `/`; at most 64 bytes. No such text leaves the folder it is looked up in.
    public static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard 1...64 ~= bytes.count else { return false }
        var isFirst = true
        for byte in bytes {
            let isAlphanumeric = 0x61...0x7A ~= byte | 0x20 || 0x30...0x39 ~= byte
            if byte == UInt8(ascii: "/") {
                if isFirst { return false }
                isFirst = true
            } else if isAlphanumeric || (!isFirst && [0x2B, 0x2D, 0x5F].contains(byte)) {
                isFirst = false
            } else {
                return false
            }
        }
        return !isFirst
    }
}

extension ZoneRules {
    private static let defaultDirectory = "/usr/share/zoneinfo"
    private static let maximumFileByteCount = 65_536

    /// Loads a zone from the system's data, to be pinned in the log: the one place of the domain that reads a
    /// file.
    ///
    /// - Parameters:
    ///   - name: an IANA name. `UTC` needs no file.
    ///   - directory: the folder of RFC 8536 files; by default the environment's `TZDIR`, else
    ///   `/usr/share/zoneinfo`.
    public static func load(_ name: String, directory: String? = nil) throws(ZoneProblem) -> ZoneRules {
        guard ZoneName.isValid(name) else { throw ZoneProblem(reason: .invalidName, name: name) }
        if name == "UTC" { return .utc }
        let file = try read(name, in: directory ?? environmentDirectory ?? defaultDirectory)
        guard let rules = TZif.rules(name: name, file: file) else {
            throw ZoneProblem(reason: .invalidFile, name: name)
        }
        return rules
    }

    private static var environmentDirectory: String? {
        guard let value = unsafe getenv("TZDIR") else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }

    private static func read(_ name: String, in directory: String) throws(ZoneProblem) -> [UInt8] {
        let descriptor = unsafe open("\(directory)/\(name)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0 {
            let isMissing = errno == ENOENT || errno == ENOTDIR
            throw ZoneProblem(reason: isMissing ? .unknownZone : .unreadable, name: name)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw ZoneProblem(reason: .unreadable, name: name)
        }
        if status.st_mode & S_IFMT == S_IFDIR { throw ZoneProblem(reason: .unknownZone, name: name) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumFileByteCount else {
            throw ZoneProblem(reason: .invalidFile, name: name)
        }
        var bytes: [UInt8] = []
        var block = Array(repeating: UInt8(0), count: 4096)
        while true {
            let count = unsafe systemRead(descriptor, &block, block.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0, bytes.count <= maximumFileByteCount else {
                throw ZoneProblem(reason: .unreadable, name: name)
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: block[..<count])
        }
    }
}

/// `read(2)`, by a name that the method above does not hide.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    unsafe read(descriptor, buffer, count)
}
