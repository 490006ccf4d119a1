// ledger-bench: our side of the benchmark's rows. Driven by `scripts/bench`, which puts the C yardsticks
// beside it.
//
//   ledger-bench populate DIR USERS                 a fresh ledger with USERS on a skewed tree
//   ledger-bench append-group DIR PAYMENTS GROUP    durable payments in groups
//   ledger-bench append-one DIR PAYMENTS            one caller, one durable payment at a time
//   ledger-bench rebuild DIR                        state from the log, core alone
//   ledger-bench read-balance DIR READS             balance by user id
//
// Each prints one JSON object. Payments: ids of 24 bytes, three levels of commission, four balances touched.
import Glibc
import Platform
import ReferralLedger

func fail(_ message: String) -> Never {
    print("{\"error\":\"\(message)\"}")
    exit(70)
}

/// SplitMix64: the same ledger for every run.
struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// A number in digits of a fixed width.
func padded(_ prefix: String, _ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return prefix + String(repeating: "0", count: max(0, width - prefix.utf8.count - digits.utf8.count))
        + digits
}

func userId(_ number: Int) -> String { padded("u-", number, 16) }
let start = Timestamp(nanoseconds: 1_704_067_200_000_000_000)

/// Three levels, so that each payment is one fact and three rewards.
func benchPolicy() -> Policy {
    var policy = Policy.preset(named: "two-level")!
    policy.name = "bench"
    policy.commission.levels = [200_000, 100_000, 50_000]
    policy.commission.maxDepth = 3
    return policy
}

func options() -> LedgerOptions {
    var options = LedgerOptions()
    options.checkpointEvents = 0
    options.checkpointOnClose = false
    options.queueCapacity = 1 << 20
    return options
}

/// Submits batches with two in flight, so that one is decided while the other is synced.
func pump(_ ledger: Ledger, count: Int, group: Int, make: (Int) -> Command) throws {
    let lock = Lock()
    let changed = Condition()
    nonisolated(unsafe) var running = 0
    nonisolated(unsafe) var failures = 0
    var next = 0
    while next < count {
        let batch = (next..<min(next + group, count)).map(make)
        next += batch.count
        lock.lock()
        while running >= 3 { changed.wait(lock) }
        running += 1
        lock.unlock()
        try ledger.submit(batch) { result in
            lock.locked {
                running -= 1
                if case .success(let outcomes) = result {
                    for outcome in outcomes { if case .accepted = outcome {} else { failures += 1 } }
                } else {
                    failures += group
                }
            }
            changed.signal()
        }
    }
    lock.lock()
    while running > 0 { changed.wait(lock) }
    lock.unlock()
    if failures > 0 { fail("\(failures) commands were not accepted") }
}

func seconds(since begin: UInt64) -> Double { Double(Clock.monotonicNanoseconds() - begin) / 1e9 }

func populate(_ directory: String, _ users: Int) throws {
    let ledger = try Ledger.create(
        at: directory, programme: ProgrammeSetup(id: "bench", asset: "USD", policy: benchPolicy()),
        options: options())
    var random = Random(state: 1)
    let begin = Clock.monotonicNanoseconds()
    try pump(ledger, count: users, group: 8_190) { i in
        // Everyone but the first four has a referrer, three deep or more: all payments pay three levels.
        let referrer = i < 4 ? (i == 0 ? nil : userId(i - 1)) : userId(3 + random.below(i - 3))
        return Command(.signup(Signup(userId: userId(i), at: start, referrerId: referrer)))
    }
    let took = seconds(since: begin)
    let position = ledger.current.position.rawValue
    ledger.close()
    print(
        "{\"users\":\(users),\"seconds\":\(took),\"perSecond\":\(Double(users) / took),\"position\":\(position)}"
    )
}

/// Payments as the caller has them, made before the clock runs.
func payments(_ count: Int, users: Int, from first: Int) -> [Command] {
    var random = Random(state: 7 &+ UInt64(first))
    return (0..<count).map { i in
        Command(
            .payment(
                Payment(
                    paymentId: padded("pay_", first + i, 24), provider: "shop",
                    userId: userId(3 + random.below(users - 3)),
                    amount: Int64(1_000 + random.below(9_000)), asset: .usd,
                    at: Timestamp(nanoseconds: start.nanoseconds + Int64(first + i) * 1_000_000_000 / 10))))
    }
}

func append(_ directory: String, _ count: Int, _ group: Int) throws {
    let ledger = try Ledger.open(at: directory, options: options())
    let before = try ledger.current.status()
    let commands = payments(count, users: before.users, from: before.payments)
    let begin = Clock.monotonicNanoseconds()
    if group == 1 {
        for command in commands { guard case .accepted = try ledger.submit(command) else { fail("refused") } }
    } else {
        try pump(ledger, count: count, group: group) { commands[$0] }
        // The background may lag by a second at most: what is more is waited for.
        while try ledger.treeLag() > 1 { usleep(1_000) }
    }
    let took = seconds(since: begin)
    let after = try ledger.current.status()
    let net = try ledger.current.trialBalance().value.reduce(Int64(0)) { $0 + $1.debit - $1.credit }
    if net != 0 || after.payments != before.payments + count { fail("the books do not balance") }
    ledger.close()
    let bytes = Double(after.logBytes - before.logBytes) / Double(count)
    print(
        "{\"payments\":\(count),\"group\":\(group),\"seconds\":\(took),\"perSecond\":\(Double(count) / took),"
            + "\"recordsBefore\":\(before.records),\"fileBytesAPayment\":\(bytes),\"stateDigest\":\"\(after.stateDigest)\"}"
    )
}

func rebuild(_ directory: String) throws {
    let begin = Clock.monotonicNanoseconds()
    let archive = try LedgerArchive.openWithoutCheckpoint(at: directory)
    let took = seconds(since: begin)
    let status = try archive.current.status()
    archive.close()
    print(
        "{\"payments\":\(status.payments),\"users\":\(status.users),\"seconds\":\(took),"
            + "\"paymentsPerSecond\":\(Double(status.payments) / took),\"stateDigest\":\"\(status.stateDigest)\"}"
    )
}

func readBalance(_ directory: String, _ reads: Int) throws {
    let archive = try LedgerArchive.openWithoutCheckpoint(at: directory)
    let users = try archive.current.status().users
    var random = Random(state: 99)
    let ids = (0..<reads).map { _ in userId(random.below(users)) }
    var sum: Int64 = 0
    let begin = Clock.monotonicNanoseconds()
    for id in ids { sum &+= try archive.current.balance(of: id, asset: .usd)?.pending ?? 0 }
    let took = seconds(since: begin)
    archive.close()
    print(
        "{\"reads\":\(reads),\"users\":\(users),\"nanoseconds\":\(took / Double(reads) * 1e9),\"sum\":\(sum)}"
    )
}

let words = CommandLine.arguments
func number(_ i: Int) -> Int { i < words.count ? Int(words[i]) ?? 0 : 0 }
do {
    switch words.count > 2 ? words[1] : "" {
    case "populate": try populate(words[2], number(3))
    case "append-group": try append(words[2], number(3), number(4))
    case "append-one": try append(words[2], number(3), 1)
    case "rebuild": try rebuild(words[2])
    case "read-balance": try readBalance(words[2], number(3))
    default:
        print("usage: ledger-bench populate|append-group|append-one|rebuild|read-balance DIR …")
        exit(64)
    }
} catch {
    fail("\(error)")
}
