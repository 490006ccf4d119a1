import Testing

@testable import LedgerDomain
@testable import LedgerLog

@Suite struct KeyVaultTests {
    @Test("keys and secret survive a reopen, once flushed")
    func reopen() throws {
        let folder = try TemporaryFolder()
        let directory = folder.path + "/keys"
        var vault = try KeyVault(directory: directory, readOnly: false)
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

        vault = try KeyVault(directory: directory, readOnly: true)
        #expect(try vault.key(of: UserNumber(1), create: true) == first)
        #expect(try vault.key(of: UserNumber(2), create: false) == second)
        #expect(try vault.key(of: UserNumber(3), create: true) == nil)
        #expect(vault.hash(.email, "ann@example.com") == hash)
        vault.close()
    }

    @Test("signals hash apart by kind, text and ledger")
    func signals() throws {
        let folder = try TemporaryFolder()
        let one = try KeyVault(directory: folder.path + "/one", readOnly: false)
        let other = try KeyVault(directory: folder.path + "/other", readOnly: false)
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
        #expect(throws: LogError.self) { _ = try KeyVault(directory: folder.path + "/keys", readOnly: true) }
    }

    @Test("no key is made without being asked for")
    func unasked() throws {
        let folder = try TemporaryFolder()
        let vault = try KeyVault(directory: folder.path + "/keys", readOnly: false)
        defer { vault.close() }
        #expect(try vault.key(of: UserNumber(9), create: false) == nil)
        try vault.flush()
        #expect(try vault.key(of: UserNumber(9), create: false) == nil)
    }
}
