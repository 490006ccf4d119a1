#!/usr/bin/env python3
"""Reads whole logs of the ledger by their documentation alone, and recomputes what follows from them.

Written from Documentation/log-format.md, Documentation/events.md and Fixtures/log/README.md, RFC 6962 and the public
specification of XXH64, without a look at the ledger's sources. Needs what Debian's python3-minimal holds, nothing else.

    read_log.py [--json] FIXTURE...        logs with what their engine says of them (Fixtures/log/*.json): must be the same
    read_log.py [--json] --hex FILE        records alone, one a line in hexadecimal digits; - reads standard input

Prints a line for each log: "ok" and what holds, or "not ok", the place and what does not hold there (exit 1). With --json
the lines go to standard error, and standard output is one JSON object with the root and all balances of each log.
"""
import hashlib
import sys

M64 = 2**64 - 1
LEAST = -2**63
HEADER = 40


class Wrong(Exception):
    """Something that does not hold; `place` is filled from the inside out."""

    def __init__(self, what):
        super().__init__(what)
        self.what = what
        self.place = []

    def at(self, place):
        self.place.insert(0, place)
        return self

    def __str__(self):
        return ": ".join([", ".join(self.place), self.what] if self.place else [self.what])


def require(holds, what, place=None):
    if not holds:
        raise Wrong(what).at(place) if place else Wrong(what)


# XXH64, as in the document "xxHash fast digest algorithm".
P1, P2, P3, P4, P5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
                      0x27D4EB2F165667C5)


def rotate(x, n):
    return (x << n | x >> (64 - n)) & M64


def xxh_round(acc, lane):
    return rotate((acc + lane * P2) & M64, 31) * P1 & M64


def little(data, at, width):
    return int.from_bytes(data[at:at + width], "little")


def xxh64(data, seed):
    at, size = 0, len(data)
    if size >= 32:
        accs = [(seed + P1 + P2) & M64, (seed + P2) & M64, seed, (seed - P1) & M64]
        while at + 32 <= size:
            accs = [xxh_round(acc, little(data, at + 8 * i, 8)) for i, acc in enumerate(accs)]
            at += 32
        h = sum(rotate(acc, n) for acc, n in zip(accs, (1, 7, 12, 18))) & M64
        for acc in accs:
            h = ((h ^ xxh_round(0, acc)) * P1 + P4) & M64
    else:
        h = (seed + P5) & M64
    h = (h + size) & M64
    while at + 8 <= size:
        h = (rotate(h ^ xxh_round(0, little(data, at, 8)), 27) * P1 + P4) & M64
        at += 8
    if at + 4 <= size:
        h = (rotate(h ^ (little(data, at, 4) * P1 & M64), 23) * P2 + P3) & M64
        at += 4
    while at < size:
        h = rotate(h ^ (data[at] * P5 & M64), 11) * P1 & M64
        at += 1
    h = (h ^ h >> 33) * P2 & M64
    h = (h ^ h >> 29) * P3 & M64
    return h ^ h >> 32


def checksum(record):
    return xxh64(record[HEADER:], xxh64(record[:32], 0))


# RFC 6962, section 2.1.
def tree_root(values):
    def part(hashes):
        if len(hashes) == 1:
            return hashes[0]
        k = 1
        while 2 * k < len(hashes):
            k *= 2
        return hashlib.sha256(b"\x01" + part(hashes[:k]) + part(hashes[k:])).digest()
    if not values:
        return hashlib.sha256(b"").hexdigest()
    return part([hashlib.sha256(b"\x00" + value).digest() for value in values]).hex()


# Section 4 of log-format.md. A field is `type name`, before it `?n`: only with one of these flag bits, `!n`: only without
# any of them. Of a type: `flags:` the bits with a meaning, then L0 or L1 when bits 4-7 are a level from 0 or 1; `u8:` the
# values; `position:` the types of the event there (R: of an event in the record that begins there); `money+`, `text+`,
# `blob+`: not 0, not empty; `id`, `code`: a text within the bounds.
CASE = "21/23/43/86"
BACK = "flags:3, position:68 withdrawal, user user, asset asset, money toAvailable, money toReceivable, ?2 text+ reason"
RETURNED = ("position:68 withdrawal, symbol:1 provider, text reference, user user, asset asset, money net, money tax, "
            "money fee, money kept, money toReceivable")
SIDES = "u8:1-2 cause, u8:0-1 side, u8 detail, user beneficiary, user referee, asset asset"
FOUR = "money held, money pending, money available, money receivable"
ASIDE = ("u8:1-7 kind, position fact, ?1 u8:1-8 level, !17 text reason, !17 text+ approver, ?4 user user, ?2 asset asset, "
         "?4 time earnedAt, ?2 money held, ?2 money pending, ?2 money available, ?2 money receivable")
EVENTS = {
    1: ("LedgerCreated", "hash ledgerId"),
    2: ("ProgrammeCreated", "id programmeId, asset asset"),
    8: ("PeriodClosed", "u8:1-2 kind, time start, time end"),
    10: ("PolicyPublished", "flags:1, uleb version, !1 time effectiveFrom, hash policyHash, text rules, blob zoneRules"),
    11: ("BudgetSet", "asset asset, money+ amount, u8:1-4 period"),
    12: ("BudgetExhausted", "asset asset, u8:1-4 period, time start, money+ cap"),
    14: ("SymbolDefined", "u8:1-2 kind, number number, id name"),
    15: ("ClockAdvanced", "time to"),
    16: ("CodeIssued", "flags:3, user owner, code code, ?2 time expiresAt"),
    17: ("CodeDisabled", "user owner, position:R16 issued"),
    18: ("CodeReactivated", "flags:1, user owner, position:R16 issued, ?1 time expiresAt"),
    19: ("CodeExpired", "user owner, position:R16 issued"),
    20: ("UserSignedUp", "flags:31, number user, id userId, ?1 uleb country, ?2 blob+ signals, ?4 blob+ sealed, "
                         "?24 text+ named"),
    21: ("UserSuspended", "user user, text reason"),
    22: ("UserReinstated", "user user, position:21 suspended"),
    23: ("UserClosed", "user user, u8:1-3 rule, text reason"),
    24: ("UsersMerged", "flags:1, user from, user into, text approver, ?1 text+ secondApprover"),
    28: ("ReferralAttributed", "flags:3, user referee, user referrer, ?2 text+ given"),
    29: ("AttributionRejected", "user referee, u8:1-7 reason"),
    30: ("AttributionCorrected", "flags:15, user referee, ?1 user referrer, ?2 user former, time attributedAt, "
                                 "?4 time convertedAt, text reason, text approver, ?8 text+ secondApprover"),
    31: ("ReferralAdvanced", "user referee, u8:1-7 from, u8:1-7 to"),
    32: ("ReferralExpired", "user referee, u8:1-7 from"),
    33: ("ReferralReverted", "user referee, user referrer, time convertedAt"),
    34: ("ReferralConverted", "flags:1, user referee, user referrer"),
    37: ("BalanceMerged", "user from, user into, asset asset, money pending, money held, money toAvailable, "
                          "money toReceivable, money fromAvailable, money fromReceivable"),
    38: ("BalanceForfeited", "user user, asset asset, money+ amount"),
    39: ("RewardHeld", f"flags:1L0, position:L reward, position:{CASE} heldBy, user user, asset asset, money+ amount"),
    40: ("PaymentReceived", "flags:1, user payer, symbol:1 provider, id paymentId, asset asset, money amount, "
                            "?1 money commissionableBase"),
    41: ("RefundReceived", "flags:3, position:40 payment, symbol:1 provider, id refundId, asset asset, money moved, "
                           "?1 money amount, ?1 money refundedTotal"),
    42: ("RefundFailed", "position:41 refund, position:40 payment, asset asset, money moved"),
    43: ("DisputeOpened", "flags:1, position:40 payment, symbol:1 provider, id disputeId, asset asset, money+ amount"),
    44: ("DisputeWon", "position:43 dispute"),
    45: ("DisputeLost", "position:43 dispute, asset asset, money moved"),
    46: ("EventParked", "flags:15, u8:1-5 kind, u8:1-7 reason, number provider, text factId, ?2 text+ predecessor, "
                        "!8 number asset, !8 money amount, ?1 money refundedTotal, ?4 u8:1-4 status, ?4 text reference"),
    47: ("EventUnparked", "position:46 parked"),
    49: ("RewardReleased", f"flags:1L0, position:L reward, position:{CASE} heldBy, user user, asset asset, "
                           "?1 money toAvailable, ?1 money toReceivable, !1 money+ toPending"),
    # `payment`, `asset`, `base` and `maturesAt` may be those of the record: see decode_event.
    50: ("CommissionEarned", "flags:3L1, ?1 position:40 payment, ?1 asset asset, ?1 money base, user beneficiary, "
                             "rate ratePpm, money+ amount, !2 time maturesAt"),
    51: ("RewardGranted", f"flags:15, {SIDES}, money+ amount, ?1 money+ uncappedAmount, ?2 money+ repaid, "
                          "?4 time maturesAt, ?8 time expiresAt"),
    52: ("RewardMatured", "flags:1L0, position:L payment, user beneficiary, asset asset, money toAvailable, "
                          "?1 money+ toReceivable"),
    # The amounts of 53 are in decode_event.
    53: ("CommissionReversed", "flags:15L1, position:40 payment, user beneficiary, asset asset, time earnedAt"),
    54: ("RewardRevoked", f"flags:31, position:51 reward, u8:1-3 reason, ?1 position:{CASE} heldBy, user beneficiary, "
                          "asset asset, time earnedAt, ?2 money+ fromHeld, ?4 money+ fromPending, "
                          "?8 money+ fromAvailable, ?16 money+ toReceivable"),
    55: ("RewardClaimed", "position:51 reward, user user, asset asset, money+ amount"),
    56: ("RewardFulfilled", "position:51 reward, user user"),
    57: ("FulfilmentFailed", "position:51 reward, user user, asset asset, money toAvailable, money toReceivable"),
    58: ("RewardExpired", "position:51 reward, user user, asset asset, money fromPending, money fromAvailable"),
    59: ("TierChanged", "user user, u8 from, u8 to"),
    60: ("BadgeAwarded", "user user, asset asset, uleb threshold"),
    61: ("BadgeRevoked", "user user, asset asset, uleb threshold"),
    62: ("CommissionRestored", "flags:1L1, position:40 payment, user beneficiary, asset asset, time earnedAt, "
                               "?1 money toAvailable, ?1 money toReceivable, !1 money+ toPending"),
    64: ("KycSubmitted", "flags:1, user user, u8:1-9 level, ?1 blob+ sealed"),
    65: ("KycDecided", "flags:7, user user, u8:1-9 level, ?2 time expiresAt, ?4 blob+ sealed"),
    66: ("KycExpired", "user user, position:R65 decided"),
    68: ("WithdrawalRequested", "flags:3, user user, id withdrawalId, asset asset, money+ amount, ?1 time expiresAt, "
                                "?2 blob+ sealed"),
    69: ("WithdrawalApproved", "flags:1, position:68 withdrawal, user user"),
    70: ("WithdrawalReduced", BACK),
    71: ("WithdrawalRejected", BACK),
    72: ("WithdrawalCancelled", BACK),
    73: ("WithdrawalExpired", BACK),
    74: ("PayoutSent", "position:68 withdrawal, user user, symbol:1 provider, text reference, asset asset, money+ net"),
    75: ("TaxWithheld", "position:68 withdrawal, user user, asset asset, money+ amount"),
    76: ("FeeCharged", "position:68 withdrawal, user user, asset asset, money+ amount"),
    77: ("PayoutSettled", "position:68 withdrawal, user user, symbol:1 provider, text reference, asset asset, money+ net"),
    78: ("PayoutFailed", RETURNED),
    79: ("PayoutReturned", RETURNED),
    80: ("TaxRemitted", "asset asset, money+ amount, text reference"),
    81: ("CashFunded", "asset asset, money+ amount, text reference"),
    82: ("CostRecorded", "text kind, asset asset, money+ amount, text reference"),
    86: ("FraudFlagged", "flags:7, user user, u8:1-3 severity, text rule, ?1 hash evidence, ?2 position:40/51 subject"),
    87: ("RiskScoreReported", "user user, text source, uleb score"),
    88: ("ReviewDecided", "flags:1, position:86 flagged, user user"),
    92: ("AdjustmentPosted", "flags:3, user user, asset asset, money available, money receivable, text reason, "
                             "text approver, ?2 text+ secondApprover"),
    93: ("DebtWrittenOff", "flags:1, user user, asset asset, money+ amount, text reason, text approver, "
                           "?1 text+ secondApprover"),
    94: ("OpeningBalance", "user user, asset asset, money toAvailable, money toReceivable"),
    95: ("FxRateRecorded", "asset base, asset quote, money+ mantissa, u8:0-12 scale, text source"),
    96: ("FxConverted", "user user, asset from, money+ amount, position:95 rate, asset to, money toAvailable, "
                        "money toReceivable"),
    97: ("CorrectionApplied", "flags:15, u8:1-4 kind"),  # and by kind, see CORRECTIONS
    98: ("EventQuarantined", f"flags:15, {ASIDE}"),
    99: ("EventReleased", f"flags:31, {ASIDE}"),
    113: ("ReconciliationRun", "text+ runId, text+ provider, text+ statement, uleb lines, uleb matched, uleb breaks"),
    114: ("BreakOpened", "flags:15, position:113 run, text+ breakId, text+ rule, text+ subject, time since, "
                         "?2 asset asset, ?4 money expected, ?8 money found"),
    115: ("BreakResolved", "flags:1, position:114 opened, ?1 position:113 run, text+ reason"),
    120: ("ImportProgressed", "text+ importId, uleb throughLine, uleb accepted, uleb repeated, uleb parked, uleb refused"),
}
CORRECTIONS = {
    1: (0, "text+ proposal, text approver, uleb part, uleb parts"),
    2: (7, "u8:1-8 level, position:40 reward, user beneficiary, asset asset, money granted, money reversed, "
           f"money revoked, time earnedAt, ?4 time maturesAt, {FOUR}"),
    3: (0, f"{SIDES}, money granted"),
    4: (10, f"position:51 reward, {SIDES}, time earnedAt, {FOUR}"),
}
FACTS = {1: 40, 2: 51, 3: 92, 4: 93, 5: 94, 6: 81, 7: 80}
KEY_TYPES = set(range(1, 40)) | {60, 61, 62, 63}


def parse_fields(text):
    out = []
    for item in text.split(", "):
        words = item.split(" ")
        only = unless = 0
        if words[0][0] == "?":
            only = int(words.pop(0)[1:])
        elif words[0][0] == "!":
            unless = int(words.pop(0)[1:])
        kind, _, rule = words[0].partition(":")
        out.append((only, unless, kind, rule, words[1] if len(words) > 1 else kind))
    return out


EVENTS = {number: (name, parse_fields(text)) for number, (name, text) in EVENTS.items()}
CORRECTIONS = {number: (mask, parse_fields(text)) for number, (mask, text) in CORRECTIONS.items()}


def signed(n):
    n &= M64
    return n - 2**64 if n >> 63 else n


class Bytes:
    """Reads section 2's encodings, never past the end."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def take(self, count):
        require(count <= len(self.data) - self.at, f"{count} bytes at {self.at} go past the end of {len(self.data)}")
        self.at += count
        return self.data[self.at - count:self.at]

    def u8(self):
        return self.take(1)[0]

    def i64(self):
        return signed(int.from_bytes(self.take(8), "little"))

    def uleb(self, below=2**64):
        out, start = 0, self.at
        for i in range(10):
            byte = self.u8()
            out |= (byte & 127) << 7 * i
            if byte < 128:
                require(i == 0 or byte != 0, f"a varint at {start} that is longer than need be")
                require(i < 9 or byte == 1, f"a varint at {start} of more than 64 bits")
                require(out < below, f"{out} at {start} is not below {below}")
                return out
        raise Wrong(f"a varint at {start} of more than 10 bytes")

    def zig(self):
        u = self.uleb()
        return signed(u >> 1 ^ -(u & 1))

    def blob(self):
        return bytes(self.take(self.uleb()))

    def text(self):
        start = self.at
        data = self.blob()
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            raise Wrong(f"a text at {start} that is not UTF-8") from None


def check_id(text):
    require(1 <= len(text.encode()) <= 255, "a text of not 1 to 255 bytes")
    require(not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in text), "a text with a control character")


def check_zone(data):
    if not data:
        return
    r = Bytes(data, 0)
    require(r.u8() == 1, "zone rules of another form")
    r.take(r.u8())
    r.take(4)
    count = int.from_bytes(r.take(2), "little")
    r.take(12 * count)
    require(r.at == len(data), "zone rules with something left over")


class Event:
    def __init__(self, number, name, position, occurred_at):
        self.type, self.name, self.position, self.occurred_at = number, name, position, occurred_at
        self.level = 0
        self.fields, self.inherited, self.postings = {}, {}, []

    def __getitem__(self, name):
        """A field's value, as stored or as meant; of an amount that is left out: 0."""
        return self.fields.get(name, self.inherited.get(name, 0))

    def has(self, bit):
        return self.fields.get("flags", 0) & bit != 0


def units(asset):
    return asset >= 1000


def free(asset):
    """The account that a user may dispose of."""
    return "claimable" if units(asset) else "available"


# What a debit raises, of the accounts of users; all others of users a credit raises.
USER_ACCOUNTS = ("pending", "available", "held", "receivable", "claimable", "reserved")


class Log:
    def __init__(self):
        self.values = []
        self.records = []
        self.events = []            # by position - 1
        self.starts = {}            # base position: types of the events in the record
        self.recorded_at = None
        self.ledger_id = None
        self.programmes = []        # ids
        self.policies = []          # how many versions of each
        self.users = []             # ids
        self.members = set()        # (programme, user)
        self.symbols = []           # (kind, name)
        self.totals = {}            # (programme, asset, account): [debits, credits]
        self.balances = {}          # (programme, user, asset): {account: amount}
        self.reserved = {}          # position of the WithdrawalRequested: amount
        self.clearing = {}          # (programme, provider, asset): amount

    # Decoding.
    def append(self, value):
        ordinal = len(self.values)
        try:
            record = self.decode(bytes(value), ordinal)
        except Wrong as error:
            raise error.at(f"record {ordinal}")
        self.values.append(bytes(value))
        self.records.append(record)
        return record

    def decode(self, value, ordinal):
        size = len(value)
        require(size >= HEADER, f"{size} bytes are less than a header", "header")
        require(value[0] != 0, "version 0", "version")
        require(value[0] == 1, f"version {value[0]} is newer than this reader", "version")
        require(value[1] == 0, f"unknown flags {value[1]}", "flags")
        header = {"version": value[0], "flags": value[1], "eventCount": little(value, 2, 2), "length": little(value, 4, 4),
                  "ordinal": little(value, 8, 8), "basePosition": little(value, 16, 8),
                  "recordedAt": signed(little(value, 24, 8)), "checksum": little(value, 32, 8)}
        count, base = header["eventCount"], header["basePosition"]
        require(header["length"] == size, f"{header['length']}, but there are {size} bytes", "length")
        require(size <= 262144, f"{size} bytes", "length")
        require(1 <= count <= 1024, f"{count} events", "eventCount")
        found = checksum(value)
        require(header["checksum"] == found, f"{header['checksum']:016X}, but the bytes give {found:016X}", "checksum")
        require(header["ordinal"] == ordinal, f"{header['ordinal']} where {ordinal} is due", "ordinal")
        require(ordinal < base < 2**63, f"{base} with ordinal {ordinal}", "basePosition")
        require(base == len(self.events) + 1, f"{base} where {len(self.events) + 1} is due", "basePosition")
        require(self.recorded_at is None or header["recordedAt"] > self.recorded_at,
                f"{header['recordedAt']} is not after the record before", "recordedAt")
        r = Bytes(value, HEADER)
        try:
            envelope = self.decode_prelude(r)
        except Wrong as error:
            raise error.at("prelude")
        self.context = {"payment": None, "maturesAt": LEAST}
        self.starts[base] = set()
        record = {"key": base, "header": header, "envelope": envelope, "events": []}
        for i in range(count):
            place = f"event {i} (position {base + i})"
            try:
                event = self.decode_event(r, record, base)
            except Wrong as error:
                raise error.at(place)
            record["events"].append(event)
        require(r.at == size, f"{size - r.at} bytes are left over", "end")
        sums = {}
        for event in record["events"]:
            for asset, debit, credit, amount in event.postings:
                for account, by in ((debit, amount), (credit, -amount)):
                    sums[asset, account] = sums.get((asset, account), 0) + by
        for asset in {asset for asset, _ in sums}:
            require(sum(by for (other, _), by in sums.items() if other == asset) == 0, f"asset {asset} does not sum to zero")
        self.recorded_at = header["recordedAt"]
        return record

    def decode_prelude(self, r):
        flags = r.u8()
        require(flags < 16, f"unknown flags {flags}", "flags")
        out = {"flags": flags}

        def field(name, read):
            try:
                out[name] = read()
            except Wrong as error:
                raise error.at(name)
        field("programme", lambda: r.uleb(2**16))
        field("policyVersion", r.uleb)
        field("occurredAt", r.i64)
        if flags & 1:
            field("actorRole", r.u8)
            require(out["actorRole"] <= 3, f"unknown role {out['actorRole']}", "actorRole")
            field("actorId", r.text)
            require(out["actorRole"] != 0 or out["actorId"] != "", "the system without an id is not stated", "actorId")
        if flags & 2:
            field("correlationId", r.text)
            require(out["correlationId"] != "", "empty", "correlationId")
        if flags & 4:
            field("causation", r.text)
            require(out["causation"] != "", "empty", "causation")
        if flags & 8:
            field("keyType", r.u8)
            require(out["keyType"] in KEY_TYPES, f"unknown command {out['keyType']}", "keyType")
            field("key", r.text)
            try:
                check_id(out["key"])
            except Wrong as error:
                raise error.at("key")
        programme, version = out["programme"], out["policyVersion"]
        require(programme <= len(self.programmes), f"{programme} of {len(self.programmes)}", "programme")
        known = self.policies[programme] if programme < len(self.programmes) else 0
        require(version <= known, f"{version} of {known}", "policyVersion")
        return out

    def decode_event(self, r, record, base):
        position = len(self.events) + 1
        first = r.u8()
        number = first & 127
        require(number in EVENTS, f"unknown type {number}", "type")
        name, fields = EVENTS[number]
        occurred_at = record["envelope"]["occurredAt"]
        if first & 128:
            own = r.zig()
            require(own != 0, "its own moment is the record's", "occurredAt")
            occurred_at = signed(occurred_at + own)
        event = Event(number, name, position, occurred_at)
        try:
            self.read_fields(r, event, fields)
            self.by_type(r, event, record)
            self.post(record["envelope"]["programme"], event)
        except Wrong as error:
            raise error.at(name)
        self.events.append(event)
        self.starts[base].add(number)
        return event

    def read_fields(self, r, event, fields):
        for only, unless, kind, rule, name in fields:
            flags = event.fields.get("flags", 0)
            if only and not flags & only or flags & unless:
                continue
            try:
                event.fields[name] = self.read_field(r, event, kind, rule)
            except Wrong as error:
                raise error.at(name)

    def read_field(self, r, event, kind, rule):
        if kind == "flags":
            flags = r.u8()
            mask, leveled, least = rule.partition("L")
            known = int(mask) | (0xF0 if leveled else 0)
            require(flags & ~known == 0, f"unknown flags {flags & ~known}")
            if leveled:
                event.level = flags >> 4
                require(int(least) <= event.level <= 8, f"level {event.level}")
            return flags
        if kind == "u8":
            n = r.u8()
            if rule:
                low, high = rule.split("-")
                require(int(low) <= n <= int(high), f"{n} is not one of {rule}")
            return n
        if kind == "uleb":
            return r.uleb()
        if kind == "rate":
            return r.uleb(2**32)
        if kind == "number":
            return r.uleb(2**30)
        if kind == "user":
            n = r.uleb(2**30)
            require(n < len(self.users), f"user {n} of {len(self.users)}")
            return n
        if kind == "symbol":
            n = r.uleb(2**16)
            self.check_symbol(n, int(rule))
            return n
        if kind == "asset":
            n = r.uleb(2**16)
            self.check_asset(n)
            return n
        if kind in ("money", "money+"):
            n = r.zig()
            require(n >= 0, f"{n} is below zero")
            require(n > 0 or kind == "money", "0")
            return n
        if kind == "time":
            return signed(event.occurred_at + r.zig())
        if kind == "position":
            back = r.uleb()
            require(1 <= back < event.position, f"{back} events back of {event.position}")
            self.check_position(event.position - back, rule, event.level)
            return event.position - back
        if kind == "hash":
            return r.take(16).hex()
        if kind in ("blob", "blob+"):
            data = r.blob()
            require(data or kind == "blob", "empty")
            return data.hex()
        text = r.text()
        if kind == "id":
            check_id(text)
        elif kind == "code":
            require(1 <= len(text) <= 50, f"{len(text)} code points")
        elif kind == "text+":
            require(text != "", "empty")
        return text

    def check_symbol(self, n, kind):
        require(n < len(self.symbols), f"symbol {n} of {len(self.symbols)}")
        require(self.symbols[n][0] == kind, f"symbol {n} is of another kind")

    def check_asset(self, n):
        known = 1 <= n <= 1002 or 0 <= n - 2000 < len(self.symbols) and self.symbols[n - 2000][0] == 2
        require(known, f"unknown asset {n}")

    def check_position(self, position, rule, level):
        if rule == "":
            return
        if rule[0] == "R":
            require(position in self.starts, f"no record begins at {position}")
            require(int(rule[1:]) in self.starts[position], f"no {EVENTS[int(rule[1:])][0]} in the record at {position}")
            return
        if rule == "L":
            rule = "40" if level > 0 else "51"
        there = self.events[position - 1]
        require(str(there.type) in rule.split("/"), f"a {there.name} is at {position}")

    def by_type(self, r, event, record):
        """What section 4 says of single events beyond the types of their fields."""
        number, get, programme = event.type, event.__getitem__, record["envelope"]["programme"]
        require((number == 1) == (event.position == 1), "it stands first in the log, and only there")
        if number == 1:
            self.ledger_id = get("ledgerId")
        elif number == 2:
            require(programme == len(self.programmes), f"{programme} of {len(self.programmes)}", "programme")
            require(get("programmeId") not in self.programmes, "known already", "programmeId")
            self.programmes.append(get("programmeId"))
            self.policies.append(0)
        else:
            require(programme < len(self.programmes), f"{programme} of {len(self.programmes)}", "programme")
        if number == 10:
            rules = get("rules").encode()
            require(len(rules) <= 65536, f"{len(rules)} bytes", "rules")
            require(hashlib.sha256(rules).hexdigest()[:32] == get("policyHash"), "not the hash of the rules", "policyHash")
            self.policies[programme] += 1
            require(get("version") == self.policies[programme], f"{get('version')}", "version")
            if event.has(1):
                event.inherited["effectiveFrom"] = LEAST
            else:
                require(get("effectiveFrom") != LEAST, "from the beginning is flag 1", "effectiveFrom")
            check_zone(bytes.fromhex(get("zoneRules")))
        elif number == 14:
            require(get("number") == len(self.symbols), f"{get('number')} where {len(self.symbols)} is due", "number")
            require(get("number") < 2**16, "too many", "number")
            self.symbols.append((get("kind"), get("name")))
        elif number == 20:
            require(not (event.has(8) and event.has(16)), "both a referrer and a code", "flags")
            user = get("user")
            require(user <= len(self.users), f"{user} of {len(self.users)}", "user")
            if user == len(self.users):
                require(get("userId") not in self.users, "known already", "userId")
                self.users.append(get("userId"))
            require(self.users[user] == get("userId"), f"user {user} is another", "userId")
            require((programme, user) not in self.members, f"user {user} has joined before", "user")
            self.members.add((programme, user))
            if event.has(1):
                a, b = divmod(get("country"), 256)
                require(65 <= a <= 90 and 65 <= b <= 90, f"{get('country')}", "country")
            if event.has(2):
                data = bytes.fromhex(get("signals"))
                require(len(data) % 17 == 0 and all(1 <= kind <= 5 for kind in data[::17]), "not signals", "signals")
        elif number == 24 or number == 37:
            require(get("from") != get("into"), "the same user", "into")
        elif number == 30:
            require(event.has(3), "neither a referrer nor a former one", "flags")
            require(event.has(2) or not event.has(4), "4 without 2", "flags")
        elif number == 40:
            if event.has(1):
                require(get("commissionableBase") != get("amount"), "the amount is not stated again", "commissionableBase")
            else:
                event.inherited["commissionableBase"] = get("amount")
            self.context["payment"] = event.position, get("asset"), get("commissionableBase")
        elif number == 41:
            if not event.has(1):
                event.inherited["amount"] = get("moved")
        elif number == 46:
            kind = get("kind")
            require(event.has(4) == (kind in (3, 4)), "disputes and payouts have a status", "flags")
            if kind == 2:
                require(get("provider") == 0 and get("factId") == "" and get("asset") == 0 and get("amount") == 0,
                        "a parked conversion says nothing of these", "provider")
            else:
                try:
                    self.check_symbol(get("provider"), 1)
                except Wrong as error:
                    raise error.at("provider")
                if not event.has(8):
                    self.check_asset(get("asset"))
            require(kind != 3 or get("status") <= 3, f"{get('status')}", "status")
            require(kind != 3 or get("reference") == "", "not empty", "reference")
        elif number == 50:
            known = self.context["payment"]
            if event.has(1):
                require((get("payment"), get("asset"), get("base")) != known, "the record's payment is not stated again",
                        "payment")
            else:
                require(known is not None, "no payment in this record before it", "payment")
                event.inherited.update(zip(("payment", "asset", "base"), known))
            if event.has(2):
                event.inherited["maturesAt"] = self.context["maturesAt"]
            else:
                require(get("maturesAt") != self.context["maturesAt"], "the record's maturity is not stated again",
                        "maturesAt")
            self.context["maturesAt"] = get("maturesAt")
        elif number == 51:
            require(not event.has(1) or get("uncappedAmount") > get("amount"), "not above the amount", "uncappedAmount")
            require(get("repaid") <= get("amount"), "above the amount", "repaid")
            require(event.has(4) != units(get("asset")), "4 is of money", "flags")
            require(not event.has(2) or units(get("asset")), "2 is of units", "flags")
        elif number == 52:
            if not event.has(1):
                event.inherited["toReceivable"] = 0
        elif number == 53:
            if event.has(2):
                self.read_fields(r, event, parse_fields("u8:0-1 ofCase"))
                if get("ofCase"):
                    self.read_fields(r, event, parse_fields(f"position:{CASE} heldBy"))
                self.read_fields(r, event, parse_fields("money+ fromHeld"))
            if event.has(1):
                self.read_fields(r, event, parse_fields("money fromAvailable, money toReceivable"))
                require(get("fromAvailable") or get("toReceivable"), "both are 0", "fromAvailable")
            require(event.has(3) or not event.has(4), "4 without 1 or 2", "flags")
            if event.has(4) or not event.has(3):
                self.read_fields(r, event, parse_fields("money+ fromPending"))
        elif number == 54:
            require(event.has(2) or not event.has(1), "1 without 2", "flags")
        elif number == 59:
            require(get("from") != get("to"), "the same tier", "to")
        elif number in (60, 61):
            require(units(get("asset")), f"{get('asset')} is money", "asset")
        elif number == 87:
            require(get("score") <= 1000, f"{get('score')}", "score")
        elif number == 95:
            require(get("mantissa") < 10**18, f"{get('mantissa')}", "mantissa")
            require(get("scale") == 0 or get("mantissa") % 10 != 0, "a last digit of 0", "mantissa")
        elif number == 97:
            mask, fields = CORRECTIONS[get("kind")]
            require(get("flags") & ~mask == 0, f"unknown flags {get('flags') & ~mask} of kind {get('kind')}", "flags")
            begun = any(other.type == 97 for other in record["events"])
            require(begun or get("kind") == 1, "a record begins with kind 1", "kind")
            self.read_fields(r, event, fields)
            if get("kind") == 1:
                text = get("proposal")
                require(len(text) == 64 and not set(text) - set("0123456789abcdefABCDEF"), "not SHA-256", "proposal")
                require(1 <= get("part") <= get("parts"), f"{get('part')} of {get('parts')}", "part")
            elif get("kind") == 4:
                require(event.has(2), "2 is missing", "flags")
        elif number in (98, 99):
            kind = get("kind")
            require(self.events[get("fact") - 1].type == FACTS[kind], f"a {self.events[get('fact') - 1].name}", "fact")
            require(kind == 1 or not event.has(1), f"1 of kind {kind}", "flags")
            require(event.has(2) or not event.has(4), "4 without 2", "flags")
            if event.has(2):
                require(any(get(name) for name in ("held", "pending", "available", "receivable")), "all are 0", "held")
                require(event.has(4) == (kind < 6), f"4 of kind {kind}", "flags")
                require(kind < 3 or get("held") == get("pending") == 0, f"of kind {kind}", "held")
                require(kind < 6 or get("receivable") == 0, f"of kind {kind}", "receivable")
        elif number == 114:
            require(event.has(2) == event.has(12), "2 exactly with 4 or 8", "flags")
        if 78 <= number <= 79:
            require(get("kept") <= get("net"), "more than net", "kept")
            require(get("toReceivable") <= get("net") + get("tax") + get("fee"), "more than comes back", "toReceivable")
        if number in (20, 64, 65, 68) and "sealed" in event.fields:
            require(28 <= len(get("sealed")) // 2 <= 16384, f"{len(get('sealed')) // 2} bytes", "sealed")
        if number in range(69, 80):
            asked = self.events[get("withdrawal") - 1]
            require(asked["user"] == get("user"), "not the user of the withdrawal", "user")
            require(number == 69 or asked["asset"] == get("asset"), "not the asset of the withdrawal", "asset")

    # Postings: events.md.
    def post(self, programme, event):
        number, get = event.type, event.__getitem__

        def move(asset, debit, credit, amount):
            """`debit → credit`; an account is its name, or with a user a pair."""
            if amount == 0:
                return
            event.postings.append((asset, debit, credit, amount))
            for account, side in ((debit, 0), (credit, 1)):
                name = account if isinstance(account, str) else account[0]
                self.totals.setdefault((programme, asset, name), [0, 0])[side] += amount
                if isinstance(account, str):
                    if name == "clearing" and number in (74, 77, 78):
                        key = programme, get("provider"), asset
                        self.clearing[key] = self.clearing.get(key, 0) + (-amount if side == 0 else amount)
                    continue
                by = amount if (side == 0) == (name == "receivable") else -amount
                balances = self.balances.setdefault((programme, account[1], asset), dict.fromkeys(USER_ACCOUNTS, 0))
                balances[name] += by
                if name == "reserved":
                    w = event.position if number == 68 else get("withdrawal")
                    self.reserved[w] = self.reserved.get(w, 0) + by
                    require(self.reserved[w] >= 0, f"reserved of the withdrawal at {w} is {self.reserved[w]}", "balances")

        def give(source, user, asset, available, receivable):
            move(asset, source, ("receivable", user), receivable)
            move(asset, source, (free(asset), user), available)

        def take(user, asset, target, available, receivable):
            move(asset, (free(asset), user), target, available)
            move(asset, ("receivable", user), target, receivable)

        asset = get("asset")
        expense = "issued" if units(asset) else "rewardExpense"
        user = event.fields.get("user", event.fields.get("beneficiary"))
        if number == 37:
            x, y = get("from"), get("into")
            move(asset, ("pending", x), ("pending", y), get("pending"))
            move(asset, ("held", x), ("held", y), get("held"))
            move(asset, (free(asset), x), ("receivable", y), get("toReceivable"))
            move(asset, (free(asset), x), (free(asset), y), get("toAvailable"))
            move(asset, (free(asset), y), ("receivable", x), get("fromAvailable"))
            move(asset, ("receivable", y), ("receivable", x), get("fromReceivable"))
        elif number == 38:
            move(asset, (free(asset), user), "breakage", get("amount"))
        elif number == 39:
            move(asset, (free(asset) if event.has(1) else "pending", user), ("held", user), get("amount"))
        elif number == 49:
            move(asset, ("held", user), ("pending", user), get("toPending"))
            give(("held", user), user, asset, get("toAvailable"), get("toReceivable"))
        elif number == 50:
            move(asset, "rewardExpense", ("pending", user), get("amount"))
        elif number == 51:
            if units(asset):
                give("issued", user, asset, get("amount") - get("repaid"), get("repaid"))
            else:
                move(asset, "rewardExpense", ("pending", user), get("amount"))
        elif number == 52:
            give(("pending", user), user, asset, get("toAvailable"), get("toReceivable"))
        elif number in (53, 54):
            move(asset, ("held", user), expense, get("fromHeld"))
            move(asset, ("pending", user), expense, get("fromPending"))
            take(user, asset, expense, get("fromAvailable"), get("toReceivable"))
        elif number == 55:
            move(asset, (free(asset), user), "used", get("amount"))
        elif number == 57:
            give("used", user, asset, get("toAvailable"), get("toReceivable"))
        elif number == 58:
            target = "issued" if units(asset) else "breakage"
            move(asset, ("pending", user), target, get("fromPending"))
            move(asset, (free(asset), user), target, get("fromAvailable"))
        elif number == 60:
            move(asset, "issued", (free(asset), user), 1)
        elif number == 61:
            move(asset, (free(asset), user), "issued", 1)
        elif number == 62:
            move(asset, "rewardExpense", ("pending", user), get("toPending"))
            give("rewardExpense", user, asset, get("toAvailable"), get("toReceivable"))
        elif number == 68:
            move(asset, (free(asset), user), ("reserved", user), get("amount"))
        elif 70 <= number <= 73:
            give(("reserved", user), user, asset, get("toAvailable"), get("toReceivable"))
        elif number == 74:
            move(asset, ("reserved", user), "clearing", get("net"))
        elif number == 75:
            move(asset, ("reserved", user), "tax", get("amount"))
        elif number == 76:
            move(asset, ("reserved", user), "fee", get("amount"))
        elif number == 77:
            move(asset, "clearing", "cash", get("net"))
        elif number in (78, 79):
            first = "clearing" if number == 78 else "cash"
            debt = get("toReceivable")
            for source, amount in ((first, get("net")), ("tax", get("tax")), ("fee", get("fee"))):
                repaid = min(debt, amount)
                debt -= repaid
                give(source, user, asset, amount - repaid, repaid)
            move(asset, "loss", first, get("kept"))
            if number == 78:
                move(asset, "clearing", "cash", get("kept"))
        elif number == 80:
            move(asset, "tax", "cash", get("amount"))
        elif number == 81:
            move(asset, "cash", "funding", get("amount"))
        elif number == 92:
            if event.has(1):
                take(user, asset, "rewardExpense", get("available"), get("receivable"))
            else:
                give("rewardExpense", user, asset, get("available"), get("receivable"))
        elif number == 93:
            move(asset, "loss", ("receivable", user), get("amount"))
        elif number == 94:
            give("opening", user, asset, get("toAvailable"), get("toReceivable"))
        elif number == 96:
            move(get("from"), (free(get("from")), user), "fx", get("amount"))
            give("fx", user, get("to"), get("toAvailable"), get("toReceivable"))
        elif number == 97 and get("kind") in (2, 4) or number in (98, 99) and event.has(2):
            kind = get("kind") if number != 97 else 1
            away = number == 98
            if number == 97:
                away = event.has(2)
            elif event.has(8):
                away = not away
            if kind < 6:
                other = {4: "loss", 5: "opening"}.get(kind, expense if kind < 3 else "rewardExpense")
                for name in ("held", "pending"):
                    pair = ((name, user), other) if away else (other, (name, user))
                    move(asset, *pair, get(name))
                if away:
                    take(user, asset, other, get("available"), get("receivable"))
                else:
                    give(other, user, asset, get("available"), get("receivable"))
            else:
                debit, credit = ("funding", "cash") if kind == 6 else ("cash", "tax")
                pair = (debit, credit) if away else (credit, debit)
                move(asset, *pair, get("available"))
        for who, what in {(account[1], posting[0]) for posting in event.postings
                          for account in posting[1:3] if not isinstance(account, str)}:
            balances = self.balances[programme, who, what]
            for name, amount in balances.items():
                require(0 <= amount < 2**63, f"{name} of user {who} in asset {what} is {amount}", "balances")
            require(balances["receivable"] == 0 or balances[free(what)] == 0,
                    f"user {who} both has and owes asset {what}", "balances")

    def root(self):
        return tree_root(self.values)

    def check_sums(self):
        """The trial balance: all accounts of a programme and asset together are nothing, and users' accounts are the users'."""
        sums, users = {}, {}
        for (programme, asset, account), (debits, credits) in self.totals.items():
            sums[programme, asset] = sums.get((programme, asset), 0) + debits - credits
            users[programme, asset, account] = debits - credits
        for (programme, asset), amount in sums.items():
            require(amount == 0, f"programme {programme}, asset {asset}: all accounts sum up to {amount}")
        for (programme, _, asset), balances in self.balances.items():
            for account, amount in balances.items():
                if amount:
                    users[programme, asset, account] -= amount if account == "receivable" else -amount
        for (programme, asset, account), amount in users.items():
            require(account not in USER_ACCOUNTS or amount == 0, f"programme {programme}, asset {asset}: {account}")

    def balances_as_json(self, file):
        self.check_sums()
        return {
            "file": file, "ledgerId": self.ledger_id or "", "records": len(self.values), "events": len(self.events),
            "root": self.root(),
            "accounts": [
                {"programme": self.programmes[p], "asset": asset, "account": account, "debits": str(debits),
                 "credits": str(credits)}
                for (p, asset, account), (debits, credits) in sorted(self.totals.items())],
            "users": [
                {"programme": self.programmes[p], "user": self.users[user], "number": user, "asset": asset,
                 **{name: str(amount) for name, amount in balances.items()}}
                for (p, user, asset), balances in sorted(self.balances.items())],
            "withdrawals": [
                {"position": str(position), "withdrawal": self.events[position - 1]["withdrawalId"],
                 "user": self.users[self.events[position - 1]["user"]], "asset": self.events[position - 1]["asset"],
                 "reserved": str(amount)}
                for position, amount in sorted(self.reserved.items())],
            "clearing": [
                {"programme": self.programmes[p], "provider": self.symbols[provider][1], "asset": asset,
                 "amount": str(amount)}
                for (p, provider, asset), amount in sorted(self.clearing.items())],
        }


# Fixtures: what the engine says must be the same.
def same(expected, found, place):
    """Compares dictionaries of numbers and texts; numbers may be written as texts."""
    names = list(expected) + [name for name in found if name not in expected]
    for name in names:
        here, there = (repr(str(values[name])) if name in values else "nothing" for values in (found, expected))
        require(here == there, f"{here}, but the fixture has {there}", f"{place} {name}")


def per_account(postings):
    out = {}
    for asset, debit, credit, amount in postings:
        for account, side in ((debit, "debit"), (credit, "credit")):
            name = account if isinstance(account, str) else f"{account[0]} {account[1]}"
            key = f"{side} of {name} in {asset}"
            out[key] = out.get(key, 0) + amount
    return out


def compare(record, stated):
    require(str(record["key"]) == str(stated["key"]), f"{record['key']}, but the fixture has {stated['key']}", "key")
    same(stated["header"], record["header"], "header")
    same(stated["envelope"], record["envelope"], "prelude")
    require(len(stated["events"]) == len(record["events"]), f"the fixture has {len(stated['events'])}", "events")
    for i, (event, other) in enumerate(zip(record["events"], stated["events"])):
        place = f"event {i} (position {event.position}), {event.name},"
        known = {"position": event.position, "type": event.type, "name": event.name, "occurredAt": event.occurred_at}
        same({name: other[name] for name in known}, known, place)
        same(other.get("fields", {}), event.fields, place)
        same(other.get("inherited", {}), event.inherited, f"{place} inherited")
        same(per_account((int(p["asset"]), p["debit"], p["credit"], int(p["amount"])) for p in other.get("postings", [])),
             per_account(event.postings), f"{place} postings:")


def read_fixture(text):
    fixture = parse_json(text)
    require(fixture["format"] == "referral-ledger log 1\n", "another format", "format")
    log = Log()
    for ordinal, stated in enumerate(fixture["records"]):
        record = log.append(bytes.fromhex(stated["bytes"]))
        try:
            compare(record, stated)
        except Wrong as error:
            raise error.at(f"record {ordinal}")
    require(not log.values or fixture["ledgerId"] == log.ledger_id, f"{log.ledger_id}", "ledgerId")
    require(fixture["root"] == log.root(), f"{log.root()}, but the fixture has {fixture['root']}", "root")
    return log


def read_hex(text):
    log = Log()
    for line in text.split("\n"):
        if line.strip():
            try:
                value = bytes.fromhex(line.strip())
            except ValueError:
                raise Wrong("not hexadecimal digits").at(f"record {len(log.values)}") from None
            log.append(value)
    return log


# JSON (RFC 8259) in few lines: the module is not in python3-minimal.
def parse_json(text):
    space, at = " \t\r\n", 0

    def skip():
        nonlocal at
        while at < len(text) and text[at] in space:
            at += 1

    def expect(token):
        nonlocal at
        require(text.startswith(token, at), f"JSON at {at}: {token} is missing")
        at += len(token)

    def string():
        nonlocal at
        expect('"')
        out = []
        while True:
            end = at
            while end < len(text) and text[end] not in '"\\':
                end += 1
            out.append(text[at:end])
            at = end + 1
            require(end < len(text), "JSON: a text without end")
            if text[end] == '"':
                return "".join(out).encode("utf-16", "surrogatepass").decode("utf-16")
            if text[at] == "u":
                out.append(chr(int(text[at + 1:at + 5], 16)))
                at += 5
            else:
                out.append({"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}.get(text[at], text[at]))
                at += 1

    def rows(close, item):
        nonlocal at
        at += 1
        skip()
        if text.startswith(close, at):
            at += 1
            return
        while True:
            skip()
            item()
            skip()
            if text.startswith(close, at):
                at += 1
                return
            expect(",")

    def value():
        nonlocal at
        skip()
        start = text[at:at + 1]
        if start == "{":
            out = {}

            def member():
                name = string()
                skip()
                expect(":")
                require(name not in out, f"JSON at {at}: {name} a second time")
                out[name] = value()
            rows("}", member)
            return out
        if start == "[":
            out = []
            rows("]", lambda: out.append(value()))
            return out
        if start == '"':
            return string()
        for word, meant in (("true", True), ("false", False), ("null", None)):
            if text.startswith(word, at):
                at += len(word)
                return meant
        end = at
        while end < len(text) and text[end] in "-0123456789":
            end += 1
        require(end > at, f"JSON at {at}")
        at, start = end, at
        return int(text[start:end])
    out = value()
    skip()
    require(at == len(text), f"JSON at {at}: something is left over")
    return out


def write_json(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{write_json(name)}: {write_json(value[name])}" for name in value) + "}"
    if isinstance(value, list):
        return "[" + ",\n".join(write_json(item) for item in value) + "]"
    if isinstance(value, int):
        return str(value)
    escape = {'"': '\\"', "\\": "\\\\"}
    return '"' + "".join(escape.get(c, c if " " <= c else f"\\u{ord(c):04x}") for c in value) + '"'


def main(words):
    as_json = "--json" in words
    words = [word for word in words if word != "--json"]
    reader = read_fixture
    if words and words[0] == "--hex":
        reader = read_hex
        words = words[1:]
    if not words or any(word.startswith("--") for word in words):
        print(__doc__, file=sys.stderr)
        return 64
    status, logs = 0, []
    for path in words:
        try:
            if path == "-":
                text = sys.stdin.read()
            else:
                with open(path, encoding="utf-8") as file:
                    text = file.read()
            log = reader(text)
            balances = log.balances_as_json(path)
            line = (f"ok: {path}: {len(log.values)} records, {len(log.events)} events, {len(log.totals)} accounts, "
                    f"{len(log.balances)} balances of users, root {balances['root']}")
            logs.append(balances)
        except (Wrong, OSError, ValueError, IndexError) as error:
            line, status = f"not ok: {path}: {error}", 1
        except KeyError as error:
            line, status = f"not ok: {path}: {error} is missing", 1
        print(line, file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(write_json({"logs": logs}))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
