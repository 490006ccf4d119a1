import Foundation
import LedgerDomain
import LedgerExchange
import NaiveModel
import ReferralLedger
import Testing

/// The log, folded anew: to any position the state of that time.
@Suite struct ReplayTests {
    /// A ledger of random lines, and the digest after each of them.
    private func history(
        _ policy: RandomPolicy, seed: UInt64, lines: Int
    ) throws -> (bench: Bench, digests: [(end: LogPosition, digest: String)]) {
        let bench = try Bench(asset: policy.asset, policy: try Policy.parse(Array(policy.json.utf8)))
        var feeder = LineFeeder(bench.ledger, asset: policy.asset)
        var digests: [(end: LogPosition, digest: String)] = []
        for line in MainLineProgramme.lines(seed: seed, policy: policy, lines: lines) {
            _ = try feeder.submit(line)
            let digest = try bench.ledger.current.digest()
            if digest.position > digests.last?.end ?? .start {
                digests.append((digest.position, digest.value))
            }
        }
        return (bench, digests)
    }

    /// Of each of three programmes; `LEDGER_POSITIONS=N` tries more.
    private static let positions =
        ProcessInfo.processInfo.environment["LEDGER_POSITIONS"].flatMap { Int($0) } ?? 80

    @Test(
        "replay and past state at hundreds of random positions are the state of that time",
        arguments: [(RandomPolicy.tiered, 61), (.stages, 62), (.capped, 63)] as [(RandomPolicy, UInt64)])
    func randomPositions(policy: RandomPolicy, seed: UInt64) throws {
        let (bench, digests) = try history(policy, seed: seed, lines: 300)
        let end = try #require(digests.last?.end.rawValue)
        var random = SplitMix64(seed: seed)
        print("ReplayTests seed \(seed)")
        let first = try #require(digests.first).end
        for _ in 0..<Self.positions {
            let position = LogPosition(first.rawValue + random.next() % (end - first.rawValue + 1))
            // One line may be several records, as an advance is: the last whole line at or before.
            guard let known = digests.last(where: { $0.end <= position }) else { continue }
            let receipt = try bench.ledger.replay(to: known.end)
            #expect(
                receipt.position == known.end && receipt.stateDigest == known.digest,
                "\(policy) \(seed) \(position)")
            let there = try bench.ledger.replay(to: position)
            let past = try bench.ledger.past(at: position)
            #expect(
                try past.digest().value == there.stateDigest, "\(policy), seed \(seed), position \(position)")
            #expect(there.position <= position && there.position >= known.end)
        }
    }

    @Test("digests on the way are those of replays to there; a copy of the log gives the same receipt")
    func receipts() throws {
        let (bench, digests) = try history(.plain, seed: 71, lines: 300)
        let receipt = try bench.ledger.replay(digestEvery: 50)
        #expect(receipt.stateDigest == digests.last?.digest)
        #expect(receipt.marks.count > 5)
        for mark in receipt.marks {
            let there = try bench.ledger.replay(to: mark.position)
            #expect(there.stateDigest == mark.stateDigest && there.position == mark.position)
        }
        let status = try bench.ledger.current.status()
        #expect(receipt.logRoot == status.logRoot && receipt.records == status.treeSize)
        #expect(receipt.policies.map(\.version) == [1] && receipt.foldVersion == status.foldVersion)
        // Another machine has the log alone.
        let copy = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: copy.path, withIntermediateDirectories: true)
        bench.ledger.close()
        try FileManager.default.copyItem(atPath: bench.folder.path + "/log", toPath: copy.path + "/log")
        let there = try Ledger.replay(at: copy.path, digestEvery: 50, options: testOptions())
        #expect(there.stateDigest == receipt.stateDigest && there.logRoot == receipt.logRoot)
        #expect(there.marks == receipt.marks && there.policies == receipt.policies)
        #expect(there.ledgerId == receipt.ledgerId && there.position == receipt.position)
    }

    @Test("neither a replay nor a re-decision writes a file of the ledger")
    func noSideEffects() throws {
        let (bench, _) = try history(.stages, seed: 72, lines: 200)
        bench.ledger.close()
        let before = try Self.files(bench.folder.path)
        _ = try Ledger.replay(at: bench.folder.path, options: testOptions())
        let archive = try LedgerArchive.open(at: bench.folder.path, options: testOptions())
        _ = try archive.reDecide(ReDecision(policy: try Policy.parse(Array(RandomPolicy.plain.json.utf8))))
        archive.close()
        #expect(try Self.files(bench.folder.path) == before)
    }

    /// Contents of all files but LMDB's tables of readers.
    private static func files(_ folder: String) throws -> [String: Data] {
        var found: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder)
        where !name.hasSuffix("lock.mdb") {
            found[name] = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
        }
        return found
    }

    @Test("beyond the end, before the beginning, and without a ledger")
    func edges() throws {
        let bench = try Bench()
        let end = bench.ledger.current.position
        #expect(try bench.ledger.replay(to: end).position == end)
        #expect {
            try bench.ledger.replay(to: LogPosition(end.rawValue + 1))
        } throws: {
            ($0 as? LedgerError)?.code == .beyondEnd
        }
        let empty = try bench.ledger.replay(to: .start)
        #expect(empty.position == .start && empty.records == 0 && empty.policies.isEmpty)
        #expect(throws: LedgerError.self) { try Ledger.replay(at: "/nonexistent/ledger") }
    }
}

/// Where answers come from.
@Suite struct ExplainTests {
    private func bench() throws -> Bench {
        let bench = try Bench(
            policy: paying {
                $0.tiers.levels = [
                    .init(name: "START", threshold: 0), .init(name: "PRO", threshold: 1, bonuses: .usd(5_00)),
                ]
                $0.rewards.rules = [
                    .init(stage: .completed, side: .referee, asset: .premiumDay, amount: .fixed(7))
                ]
            })
        try bench.run([
            Say.signup("a"), Say.signup("b", by: "a"), Say.signup("c", by: "b"), Say.pay("p/1", "c", 100_00),
            Say.refund("r", "p/1", 25_00), Say.refund("lost", "none", 1_00),
        ])
        try bench.advance(day(20))
        return bench
    }

    @Test("a balance is the sum of its steps, each with rule and policy version")
    func balance() throws {
        let bench = try bench()
        let why = try #require(try bench.ledger.current.explain(.balance(userId: "a", asset: .usd)))
        #expect(why.facts.first { $0.name == "available" }?.value == "7.50 USD")
        #expect(
            why.steps.map(\.changes) == [
                ["pending +10.00 USD"], ["pending -2.50 USD"], ["pending -7.50 USD", "available +7.50 USD"],
            ])
        #expect(why.steps[0].rule.hasPrefix("commission.levels[1] = 100000 ppm (10 %) of the base"))
        #expect(why.steps.allSatisfy { $0.policyVersion == 1 } && why.policies.map(\.version) == [1])
        let status = try bench.ledger.current.status()
        #expect(why.logRoot == status.logRoot && why.treeSize == status.treeSize)
        try proven(why)
        // A past answer is proven against the root of that time.
        let middle = why.steps[1].position
        let past = try #require(
            try bench.ledger.past(at: middle).explain(.balance(userId: "a", asset: .usd)))
        #expect(past.treeSize < why.treeSize && past.logRoot != why.logRoot)
        try proven(past)
        #expect(try bench.ledger.current.explain(.balance(userId: "nobody", asset: nil)) == nil)
    }

    private func proven(_ why: Explanation) throws {
        #expect(Set(why.proofs.map(\.leaf)) == Set(why.steps.map(\.leaf)) && !why.proofs.isEmpty)
        let root = try #require(Digest32(text: why.logRoot))
        for proof in why.proofs {
            #expect(
                TreeProof.isIncluded(
                    proof.leafHash, at: proof.leaf, in: why.treeSize, root: root, path: proof.path))
            #expect(
                !TreeProof.isIncluded(
                    proof.leafHash, at: proof.leaf ^ 1, in: why.treeSize, root: root, path: proof.path))
        }
    }

    @Test("a commission: the payment, who brought whom, refunds, maturity, corrections")
    func commission() throws {
        let bench = try bench()
        let why = try #require(try bench.ledger.current.explain(.reward("shop/p/1/2")))
        #expect(
            why.steps.map(\.type) == [
                .referralAttributed, .referralAttributed, .paymentReceived, .commissionEarned,
                .refundReceived, .commissionReversed, .rewardMatured,
            ])
        #expect(why.steps.prefix(2).map(\.text) == ["a brought b", "b brought c"])
        #expect(why.facts.first { $0.name == "stands" }?.value == "7.50 USD")
        for key in ["shop/p/1/3", "shop/none/1", "shop", "r99", "bank/p/1/1"] {
            #expect(try bench.ledger.current.explain(.reward(key)) == nil, "\(key)")
        }
    }

    @Test("tier, rank, grant and parked fact")
    func others() throws {
        let bench = try bench()
        let tier = try #require(try bench.ledger.current.explain(.tier(userId: "b")))
        #expect(tier.facts.first?.value == "PRO (1)")
        #expect(tier.steps.map(\.type) == [.referralConverted, .tierChanged, .rewardGranted])
        #expect(tier.steps[1].rule.contains("PRO from 1"))
        let rank = try #require(
            try bench.ledger.current.explain(.rank(userId: "b", by: .earnings, asset: nil)))
        #expect(rank.facts.first?.value.hasPrefix("1 of 2") == true)
        #expect(rank.steps.map(\.type) == [.commissionEarned, .rewardGranted, .commissionReversed])
        let grant = try #require(try bench.ledger.current.explain(.reward("r1")))
        #expect(
            grant.steps.contains { $0.type == .rewardGranted && $0.changes == ["claimable +7 PREMIUM_DAY"] })
        let parked = try #require(try bench.ledger.current.explain(.parked("lost")))
        #expect(parked.facts.contains { $0.name == "waits for" && $0.value == "payment" })
        #expect(parked.steps.map(\.type) == [.eventParked])
    }
}
