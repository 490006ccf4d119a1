import COpenSSL

/// The libcrypto that this process runs with.
public enum CryptoLibrary {
    /// Its name, version and date: `OpenSSL 3.0.11 19 Sep 2023`.
    public static var version: String { unsafe String(cString: OpenSSL_version(OPENSSL_VERSION)) }
}
