import COpenSSL
import LedgerDomain

/// SHA-256 with one reused OpenSSL context. Not for use from two threads at once.
@safe public final class SHA256Hasher {
    private let context: OpaquePointer
    private let digest: OpaquePointer

    /// With the defaults.
    public init() {
        unsafe context = EVP_MD_CTX_new()!
        unsafe digest = EVP_MD_fetch(nil, "SHA256", nil)!
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
        unsafe EVP_MD_free(digest)
    }

    /// Starts a new hash.
    public func begin() { unsafe check(EVP_DigestInit_ex(context, digest, nil)) }

    /// Adds bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        unsafe check(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
    }

    /// Adds bytes.
    public func update(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBytes { unsafe update($0) } }

    /// Ends the hash; 32 bytes.
    public func finish() -> Digest32 {
        var out = Digest32()
        unsafe withUnsafeMutableBytes(of: &out) { raw in
            unsafe check(
                EVP_DigestFinal_ex(context, raw.baseAddress!.assumingMemoryBound(to: UInt8.self), nil))
        }
        return out
    }

    /// SHA-256 of bytes in one call.
    public func hash(_ bytes: UnsafeRawBufferPointer) -> Digest32 {
        begin()
        unsafe update(bytes)
        return finish()
    }

    /// SHA-256 of bytes in one call.
    public func hash(_ bytes: [UInt8]) -> Digest32 { unsafe bytes.withUnsafeBytes { unsafe hash($0) } }

    /// libcrypto's digest calls fail only without memory or provider: nothing sensible can follow.
    private func check(_ result: Int32) { precondition(result == 1, "libcrypto's SHA-256 failed") }
}

/// Thirty-two bytes of a SHA-256.
@frozen
public struct Digest32: Hashable, Sendable, BitwiseCopyable {
    public var a: UInt64 = 0
    public var b: UInt64 = 0
    public var c: UInt64 = 0
    public var d: UInt64 = 0
    /// With the defaults.
    public init() {}

    /// From exactly 32 bytes, else nil.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 32 else { return nil }
        unsafe a = bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        unsafe b = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        unsafe c = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        unsafe d = bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    }

    /// The bytes in order.
    public var bytes: [UInt8] { unsafe withUnsafeBytes(of: self) { unsafe Array($0) } }

    /// Sixty-four hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// libcrypto said no.
public struct CryptoError: Error, Sendable, Equatable {
    public let operation: String
    /// One sentence for people.
    public var message: String { "libcrypto: \(operation) failed" }
}

/// The few cryptographic operations beside hashing.
public enum Crypto {
    /// Random bytes from the operating system's generator by way of libcrypto.
    public static func random(_ count: Int) throws(CryptoError) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: count)
        guard unsafe RAND_bytes(&out, Int32(count)) == 1 else { throw CryptoError(operation: "RAND_bytes") }
        return out
    }

    /// A random word.
    public static func randomWord() throws(CryptoError) -> UInt64 {
        try random(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// HMAC-SHA-256 (RFC 2104).
    public static func hmac(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 32
        let done = unsafe HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &out, &length)
        precondition(unsafe done != nil && length == 32, "libcrypto's HMAC failed")
        return out
    }

    /// AES-256-GCM: twelve random bytes of nonce, ciphertext, sixteen bytes of tag.
    /// - Parameter bound: authenticated with it, not stored in it.
    public static func seal(_ plain: [UInt8], key: [UInt8], bound: [UInt8]) throws(CryptoError) -> [UInt8] {
        precondition(key.count == 32)
        let nonce = try random(12)
        guard let context = unsafe EVP_CIPHER_CTX_new() else {
            throw CryptoError(operation: "EVP_CIPHER_CTX_new")
        }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var cipher = [UInt8](repeating: 0, count: plain.count)
        var tag = [UInt8](repeating: 0, count: 16)
        var n: Int32 = 0
        var rest: Int32 = 0
        let ok =
            unsafe EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1
            && EVP_EncryptUpdate(context, nil, &n, bound, Int32(bound.count)) == 1
            && EVP_EncryptUpdate(context, &cipher, &n, plain, Int32(plain.count)) == 1
            && EVP_EncryptFinal_ex(context, nil, &rest) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1
        guard ok else { throw CryptoError(operation: "AES-256-GCM seal") }
        return nonce + cipher + tag
    }

    /// Opens what `seal` made; nil when key, binding or bytes are not the same.
    public static func open(_ sealed: [UInt8], key: [UInt8], bound: [UInt8]) -> [UInt8]? {
        guard key.count == 32, sealed.count >= 28 else { return nil }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let nonce = Array(sealed[..<12])
        let cipher = Array(sealed[12..<(sealed.count - 16)])
        var tag = Array(sealed[(sealed.count - 16)...])
        var plain = [UInt8](repeating: 0, count: cipher.count)
        var n: Int32 = 0
        var rest: Int32 = 0
        let ok =
            unsafe EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1
            && EVP_DecryptUpdate(context, nil, &n, bound, Int32(bound.count)) == 1
            && EVP_DecryptUpdate(context, &plain, &n, cipher, Int32(cipher.count)) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1
            && EVP_DecryptFinal_ex(context, nil, &rest) == 1
        return ok ? plain : nil
    }
}
