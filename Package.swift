// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6 mode (the tools version's default) and no exception.
let checked: [SwiftSetting] = [.strictMemorySafety()]

let package = Package(
    name: "referral-ledger",
    products: [
        .library(name: "ReferralLedger", targets: ["ReferralLedger"]),
        .executable(name: "referral-ledger", targets: ["referral-ledger"]),
    ],
    targets: [
        // System libraries and the few C lines Swift cannot say.
        .systemLibrary(name: "CLMDB", path: "Sources/CLMDB", providers: [.apt(["liblmdb-dev"])]),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CXXHash", path: "Sources/CXXHash", providers: [.apt(["libxxhash-dev"])]),
        .target(name: "CPlatform", path: "Sources/CPlatform"),
        .target(name: "Platform", dependencies: ["CPlatform"], swiftSettings: checked),

        // Rooms, from the ground up. An arrow only ever points to a line above.
        .target(name: "LMDB", dependencies: ["CLMDB", "CPlatform"], swiftSettings: checked),
        .target(name: "StrictJSON", swiftSettings: checked),
        .target(name: "LedgerDomain", dependencies: ["StrictJSON"], swiftSettings: checked),
        .target(
            name: "LedgerLog", dependencies: ["LedgerDomain", "LMDB", "COpenSSL", "CXXHash", "Platform"],
            swiftSettings: checked),
        .target(name: "CTreeHash", path: "Sources/CTreeHash"),
        .target(
            name: "LedgerProof", dependencies: ["LedgerLog", "COpenSSL", "CTreeHash"], swiftSettings: checked),
        .target(
            name: "LedgerState", dependencies: ["LedgerDomain", "LedgerLog", "Platform", "CPlatform"],
            swiftSettings: checked),
        .target(name: "LedgerViews", dependencies: ["LedgerState"], swiftSettings: checked),
        .target(
            name: "LedgerReconcile", dependencies: ["LedgerDomain", "LedgerLog", "LedgerState"],
            swiftSettings: checked),
        .target(
            name: "LedgerReplay",
            dependencies: ["LedgerDomain", "LedgerLog", "LedgerState", "LedgerViews", "StrictJSON"],
            swiftSettings: checked),
        .target(
            name: "ReferralLedger",
            dependencies: [
                "LMDB", "LedgerDomain", "LedgerLog", "LedgerProof", "LedgerState", "LedgerViews",
                "LedgerReconcile", "LedgerReplay", "Platform", "StrictJSON",
            ],
            swiftSettings: checked),
        .target(
            name: "LedgerExchange",
            dependencies: ["LedgerDomain", "Platform", "ReferralLedger", "StrictJSON"],
            swiftSettings: checked),
        .target(
            name: "LedgerSocket",
            dependencies: ["LedgerDomain", "LedgerExchange", "Platform", "ReferralLedger", "StrictJSON"],
            swiftSettings: checked),
        .target(
            name: "LedgerCLI",
            dependencies: [
                "LedgerExchange", "LedgerSocket", "ReferralLedger", "StrictJSON", "CPlatform", "Platform",
            ],
            swiftSettings: checked),
        .executableTarget(name: "referral-ledger", dependencies: ["LedgerCLI"]),
        .executableTarget(
            name: "ledger-bench", dependencies: ["ReferralLedger", "LedgerExchange", "Platform"],
            path: "Benchmarks/LedgerBench"),

        // Tests. NaiveModel shares no code with the engine, on purpose.
        .testTarget(name: "PlatformTests", dependencies: ["Platform", "CPlatform"]),
        .testTarget(name: "LMDBTests", dependencies: ["LMDB", "CPlatform"]),
        .testTarget(name: "StrictJSONTests", dependencies: ["StrictJSON"]),
        .testTarget(name: "LedgerDomainTests", dependencies: ["LedgerDomain", "StrictJSON"]),
        .testTarget(name: "LedgerLogTests", dependencies: ["LedgerLog", "LedgerDomain", "LMDB"]),
        .testTarget(name: "LedgerProofTests", dependencies: ["LedgerProof", "LedgerLog"]),
        .testTarget(
            name: "LedgerStateTests",
            dependencies: ["LedgerState", "LedgerLog", "LedgerDomain", "LMDB", "CPlatform"]),
        .testTarget(
            name: "LedgerReconcileTests",
            dependencies: [
                "LedgerReconcile", "ReferralLedger", "LedgerExchange", "LedgerState", "LedgerLog",
                "LedgerDomain", "NaiveModel",
            ]),
        .testTarget(
            name: "LedgerReplayTests",
            dependencies: [
                "LedgerReplay", "ReferralLedger", "LedgerState", "LedgerDomain", "NaiveModel",
            ]),
        .testTarget(
            name: "ReferralLedgerTests",
            dependencies: [
                "ReferralLedger", "LedgerDomain", "LedgerExchange", "LedgerLog", "LedgerState", "NaiveModel",
                "CPlatform",
            ]),
        .testTarget(
            name: "LedgerExchangeTests",
            dependencies: ["LedgerExchange", "LedgerDomain", "StrictJSON", "NaiveModel"]),
        .testTarget(
            name: "LedgerSocketTests", dependencies: ["LedgerSocket", "LedgerExchange", "ReferralLedger"]),
        .testTarget(name: "LedgerCLITests", dependencies: ["LedgerCLI"], exclude: ["Snapshots"]),
        .testTarget(name: "CLITests", path: "Tests/CLITests"),
        .target(name: "NaiveModel", path: "Tests/NaiveModel"),
        .testTarget(name: "NaiveModelTests", dependencies: ["NaiveModel"]),
    ]
)
