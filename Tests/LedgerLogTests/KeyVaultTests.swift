import Testing

@testable import LedgerDomain
@testable import LedgerLog

@Suite struct KeyVaultTests {
    private static let id = Bytes16([UInt8](repeating: 7, count: 16))

    @Test("keys and secret survive a reopen, once flushed")
    func reopen() throws {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/keys"
        var vault = try KeyVault(
            directory: directory, readOnly: false, ledgerId: Self.id, mayCreate: true)
        let hash = vault.hash(.email, "ann@example.com")
        let first = try #require(try vault.key(of: UserNumber(1), create: true))
        #expect(first.count == 32)
        #expect(try vault.key(of: UserNumber(1), create: true) == first)
        let second = try #require(try vault.key(of: UserNumber(2), create: true))
        #expect(first != second)
        try vault.flush()
        // Drawn, never flushed: not on disk.
        #expect(try vault.key(of: UserNumber(3), create: true) != nil)
        vault.close()

        vault = try KeyVault(
            directory: directory, readOnly: true, ledgerId: Self.id, mayCreate: true)
        #expect(try vault.key(of: UserNumber(1), create: true) == first)
        #expect(try vault.key(of: UserNumber(2), create: false) == second)
        #expect(try vault.key(of: UserNumber(3), create: true) == nil)
        #expect(vault.hash(.email, "ann@example.com") == hash)
        vault.close()
    }

    @Test("signals hash apart by kind, text and ledger")
    func signals() throws {
        let folder = try TemporaryFolder()
        let one = try KeyVault(
            directory: folder.path + "/one", readOnly: false, ledgerId: Self.id, mayCreate: true)
        let other = try KeyVault(
            directory: folder.path + "/other", readOnly: false, ledgerId: Self.id, mayCreate: true)
        defer {
            one.close()
            other.close()
        }
        #expect(one.hash(.ip, "192.0.2.1") == one.hash(.ip, "192.0.2.1"))
        #expect(one.hash(.ip, "192.0.2.1") != one.hash(.device, "192.0.2.1"))
        #expect(one.hash(.ip, "192.0.2.1") != one.hash(.ip, "192.0.2.2"))
        #expect(one.hash(.ip, "192.0.2.1") != other.hash(.ip, "192.0.2.1"))
    }

    @Test("a vault that is not there is not made by a reader")
    func absent() throws {
        let folder = try TemporaryFolder()
        #expect(throws: LogError.self) {
            _ = try KeyVault(
                directory: folder.path + "/keys", readOnly: true, ledgerId: Self.id, mayCreate: true)
        }
    }

    @Test("no key is made without being asked for")
    func unasked() throws {
        let folder = try TemporaryFolder()
        let vault = try KeyVault(
            directory: folder.path + "/keys", readOnly: false, ledgerId: Self.id, mayCreate: true)
        defer { vault.close() }
        #expect(try vault.key(of: UserNumber(9), create: false) == nil)
        try vault.flush()
        #expect(try vault.key(of: UserNumber(9), create: false) == nil)
    }

    @Test("a ledger that has records gets neither new keys nor another one's")
    func lostOrForeign() throws {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/keys"
        #expect(throws: LogError.self) {
            _ = try KeyVault(directory: directory, readOnly: false, ledgerId: Self.id, mayCreate: false)
        }
        // The refusal leaves nothing behind that a later opening might take for the keys.
        #expect(throws: LogError.self) {
            _ = try KeyVault(directory: directory, readOnly: true, ledgerId: Self.id, mayCreate: false)
        }
        let vault = try KeyVault(directory: directory, readOnly: false, ledgerId: Self.id, mayCreate: true)
        let hash = vault.hash(.email, "ann@example.com")
        vault.close()
        let other = Bytes16([UInt8](repeating: 8, count: 16))
        for mayCreate in [false, true] {
            #expect(throws: LogError.self) {
                _ = try KeyVault(directory: directory, readOnly: false, ledgerId: other, mayCreate: mayCreate)
            }
        }
        let again = try KeyVault(directory: directory, readOnly: false, ledgerId: Self.id, mayCreate: false)
        #expect(again.hash(.email, "ann@example.com") == hash)
        again.close()
    }
}
