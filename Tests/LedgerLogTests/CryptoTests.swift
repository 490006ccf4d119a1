import Testing

@testable import LedgerDomain
@testable import LedgerLog

/// Known answers: FIPS 180-4 examples, RFC 4231, and the GCM specification's test cases 13, 14 and 16.
@Suite struct CryptoTests {
    @Test(
        "SHA-256",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func sha256(_ text: String, _ hex: String) {
        let hasher = SHA256Hasher()
        #expect(hasher.hash(Array(text.utf8)).hex == hex)
        // In pieces, and with the context used before.
        hasher.begin()
        for byte in text.utf8 { hasher.update([byte]) }
        #expect(hasher.finish().hex == hex)
        #expect(Digest32(hex: hex)?.hex == hex)
    }

    @Test("a digest is of 32 bytes")
    func digests() {
        for count in [0, 31, 33] {
            let made = [UInt8](repeating: 1, count: count).withUnsafeBytes { Digest32($0) }
            #expect(made == nil)
        }
    }

    @Test(
        "HMAC-SHA-256",
        arguments: [
            (
                String(repeating: "0b", count: 20), "4869205468657265",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                String(repeating: "aa", count: 131),
                "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b657920"
                    + "4669727374",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ])
    func hmac(_ key: String, _ message: String, _ hex: String) throws {
        let key = try #require(Hex.bytes(key))
        let message = try #require(Hex.bytes(message))
        #expect(Hex.text(Crypto.hmac(key: key, message)) == hex)
    }

    struct Sealed: Sendable {
        var key: String, nonce: String, plain: String, bound: String, cipher: String, tag: String
    }

    @Test(
        "AES-256-GCM",
        arguments: [
            Sealed(
                key: String(repeating: "0", count: 64), nonce: String(repeating: "0", count: 24), plain: "",
                bound: "",
                cipher: "", tag: "530f8afbc74536b9a963b4f1c4cb738b"),
            Sealed(
                key: String(repeating: "0", count: 64), nonce: String(repeating: "0", count: 24),
                plain: String(repeating: "0", count: 32), bound: "",
                cipher: "cea7403d4d606b6e074ec5d3baf39d18",
                tag: "d0d1c8a799996bf0265b98b5d48ab919"),
            Sealed(
                key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
                nonce: "cafebabefacedbaddecaf888",
                plain: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                    + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
                bound: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
                cipher: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                    + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
                tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
        ])
    func gcm(_ known: Sealed) throws {
        let key = try #require(Hex.bytes(known.key))
        let bound = try #require(Hex.bytes(known.bound))
        let sealed = try #require(Hex.bytes(known.nonce + known.cipher + known.tag))
        #expect(Crypto.open(sealed, key: key, bound: bound).map { Hex.text($0) } == known.plain)
    }

    @Test("what is sealed opens with the same key and binding only")
    func sealing() throws {
        let key = try Crypto.random(32)
        for plain in [[], [7], [UInt8](repeating: 9, count: 16 * 1_024)] as [[UInt8]] {
            for bound in [[], [1, 2, 3]] as [[UInt8]] {
                let sealed = try Crypto.seal(plain, key: key, bound: bound)
                #expect(sealed.count == plain.count + 28)
                #expect(try Crypto.seal(plain, key: key, bound: bound) != sealed)
                #expect(Crypto.open(sealed, key: key, bound: bound) == plain)
                #expect(Crypto.open(sealed, key: key, bound: bound + [0]) == nil)
                #expect(Crypto.open(sealed, key: try Crypto.random(32), bound: bound) == nil)
                #expect(Crypto.open(Array(sealed.dropLast()), key: key, bound: bound) == nil)
                for at in stride(from: 0, to: sealed.count, by: max(1, sealed.count / 50)) {
                    var damaged = sealed
                    damaged[at] ^= 1
                    #expect(Crypto.open(damaged, key: key, bound: bound) == nil)
                }
            }
        }
        #expect(Crypto.open([UInt8](repeating: 0, count: 27), key: key, bound: []) == nil)
        #expect(Crypto.open([UInt8](repeating: 0, count: 28), key: [1], bound: []) == nil)
    }

    @Test("ids hash apart by seed and name space")
    func keyedHash() {
        let bytes = Array("payment-1".utf8)
        bytes.withUnsafeBufferPointer { raw in
            let text = BorrowedText(raw.baseAddress, count: raw.count)
            let hash = KeyedHash(seed: 1)
            #expect(hash(text, space: 1) == hash(text, space: 1))
            #expect(hash(text, space: 1) != hash(text, space: 2))
            #expect(hash(text, space: 1) != KeyedHash(seed: 2)(text, space: 1))
            #expect(hash(.empty, space: 1) != hash(text, space: 1))
        }
    }
}

extension Digest32 {
    fileprivate init?(hex: String) {
        guard let bytes = Hex.bytes(hex), let made = bytes.withUnsafeBytes({ Digest32($0) }) else {
            return nil
        }
        self = made
    }
}
