import COpenSSL

/// Ed25519 (RFC 8032) by libcrypto.
enum Ed25519 {
    static let keyBytes = 32
    static let signatureBytes = 64

    /// The public key of a seed.
    static func publicKey(seed: [UInt8]) throws(ProofError) -> [UInt8] {
        let key = try unsafe privateKey(seed)
        defer { unsafe EVP_PKEY_free(key) }
        var out = [UInt8](repeating: 0, count: keyBytes)
        var count = out.count
        guard unsafe EVP_PKEY_get_raw_public_key(key, &out, &count) == 1, count == keyBytes else {
            throw ProofError(.crypto, "libcrypto gave no public key")
        }
        return out
    }

    static func sign(_ message: [UInt8], seed: [UInt8]) throws(ProofError) -> [UInt8] {
        let key = try unsafe privateKey(seed)
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_MD_CTX_new() else { throw ProofError(.crypto, "out of memory") }
        defer { unsafe EVP_MD_CTX_free(context) }
        var out = [UInt8](repeating: 0, count: signatureBytes)
        var count = out.count
        let done =
            unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1
            && EVP_DigestSign(context, &out, &count, message, message.count) == 1
        guard done, count == signatureBytes else { throw ProofError(.crypto, "libcrypto could not sign") }
        return out
    }

    static func verify(_ signature: [UInt8], _ message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureBytes, publicKey.count == keyBytes,
            let key = unsafe EVP_PKEY_new_raw_public_key(NID_ED25519, nil, publicKey, publicKey.count)
        else { return false }
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    private static func privateKey(_ seed: [UInt8]) throws(ProofError) -> OpaquePointer {
        guard seed.count == keyBytes,
            let key = unsafe EVP_PKEY_new_raw_private_key(NID_ED25519, nil, seed, seed.count)
        else { throw ProofError(.crypto, "libcrypto took no Ed25519 key of \(seed.count) bytes") }
        return unsafe key
    }
}
