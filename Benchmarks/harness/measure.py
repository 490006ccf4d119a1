"""The measurements: ours and what stands beside it, in turn, each on its own copy of the same ledger."""
import os

from . import postgres
from .rows import Rows
from .tools import (
    Failure, clear, demand, disk_bytes, drop_cache, expected_pending, fresh_copy, median, run, say)

GROUP = 8190
# Pairs a round of the rows that take a second or two: what else the machine does shows in single ones.
PAIRS = 3


class Bench:
    """One run of the benchmark: its programs, its folders, its sizes, and what has been measured so far."""

    def __init__(self, args):
        self.args = args
        self.bench = args.bench
        self.work = args.work
        self.rows = Rows()
        self.details = {}
        # Of each kind of run: all must end in one digest.
        self.digests = {}
        self.has_sqlite = os.path.exists(self._program("sqlite"))
        self.has_postgres = postgres.programs() is not None
        for has, what in ((self.has_sqlite, "SQLite peer (libsqlite3-dev)"),
                          (self.has_postgres, "PostgreSQL peer (postgresql-15)")):
            if not has:
                say(f"left out: the {what} is not installed")

    def _program(self, name):
        return os.path.join(self.args.baseline, name)

    def path(self, name):
        return os.path.join(self.work, name)

    def note_digest(self, kind, answer):
        known = self.digests.setdefault(kind, answer["stateDigest"])
        demand(known == answer["stateDigest"], f"two runs of {kind} end in different states")

    # -- What everything starts from

    def prepare(self):
        clear(self.work)
        os.makedirs(self.work)
        os.chmod(self.work, 0o711)
        say(f"a ledger with {self.args.users:,} users …")
        self.details["populate"] = run(self.bench, "populate", self.path("populated"), self.args.users)
        if self.has_sqlite:
            run(self._program("sqlite"), "populate", self.path("populated.db"), self.args.users)
        users = self.args.import_lines // 6
        run(self.bench, "simulate", self.path("lines.jsonl"), users, 4 * users)

    def ledger(self):
        """A fresh copy of the populated ledger."""
        fresh_copy(self.path("populated"), self.path("ledger"))
        return self.path("ledger")

    # -- Rows of every round

    def append_group(self):
        count, ledger = self.args.payments, self.ledger()
        ours = run(self.bench, "append-group", ledger, count, GROUP)
        self.note_digest("append-group", ours)
        demand(ours["pending"] == expected_pending(count), "append-group: the commissions are wrong")
        clear(self.path("copy"))
        theirs = run(self._program("append"), ledger + "/log", self.path("copy"), GROUP, count, ours["recordsBefore"])
        clear(self.path("copy"))
        demand(theirs["records"] == ours["payments"], "append: not as many records as payments")
        self.rows.add("append-group", ours["perSecond"], theirs["perSecond"])
        self.rows.add("log-bytes", ours["fileBytesAPayment"])
        self.details.setdefault("append-group", []).append(
            {"ours": ours, "append": theirs, "decide": [self._decide(count, threads) for threads in (0, 1, 2)]})
        if self.has_sqlite:
            peer = self._sqlite(min(count, self.args.peer_payments), GROUP)
            self.rows.add("append-group-sqlite", ours["perSecond"], peer["perSecond"])
            self.details.setdefault("sqlite", []).append(peer)

    def _decide(self, count, threads):
        """What the machine could do: C that decides, encodes and appends."""
        answer = run(self._program("decide"), self.path("copy"), GROUP, self.args.users, count, threads)
        clear(self.path("copy"))
        demand(answer["pending"] == expected_pending(count), "decide: the commissions are wrong")
        return answer

    def _sqlite(self, count, group):
        fresh_copy(self.path("populated.db"), self.path("peer.db"))
        peer = run(self._program("sqlite"), "append", self.path("peer.db"), self.args.users, count, group)
        demand(peer["pending"] == expected_pending(count), "sqlite: the commissions are wrong")
        for end in ("", "-wal", "-shm"):
            clear(self.path("peer.db" + end))
        return peer

    def rebuild(self):
        """On the ledger that `append_group` has left."""
        ledger = self.path("ledger")
        for _ in range(PAIRS):
            ours = run(self.bench, "rebuild", ledger)
            self.note_digest("append-group", ours)
            theirs = self._fold(ledger, ours)
            self.rows.add("rebuild-1m", ours["paymentsPerSecond"], theirs["paymentsPerSecond"])
            self.details.setdefault("rebuild-1m", []).append({"ours": ours, "fold": theirs})

    def _fold(self, ledger, ours):
        theirs = run(self._program("fold"), ledger + "/log")
        demand(
            (ours["payments"], ours["users"], ours["events"], ours["pending"])
            == (theirs["payments"], theirs["users"], theirs["events"], theirs["pendingSum"]),
            "the two folds do not agree")
        return theirs

    def rebuild_views(self):
        """The checkpoint after a rebuild, beside a plain write of as many bytes."""
        ours = run(self.bench, "checkpoint", self.path("ledger"))
        theirs = run(self._program("seqwrite"), self.path("plain"), ours["bytes"])
        clear(self.path("plain"))
        self.rows.add("rebuild-views", ours["bytesPerSecond"], theirs["bytesPerSecond"])
        self.details.setdefault("rebuild-views", []).append({"ours": ours, "seqwrite": theirs})

    def callers(self):
        for turn in range(PAIRS):
            ledger = self.ledger()
            # Onto the same file: a single payment is some eight writes, and where a file's free pages lie says how many of
            # them the disk sees.
            fresh_copy(os.path.join(ledger, "log"), self.path("copy"))
            is_last = turn == PAIRS - 1
            ours = run(self.bench, "append-callers", ledger, self.args.singles, self.args.each if is_last else 1)
            theirs = run(self._program("append"), ledger + "/log", self.path("copy"), 1, ours["payments"],
                         ours["recordsBefore"], "onto")
            clear(self.path("copy"))
            demand(theirs["records"] == ours["payments"], "append: not as many records as payments")
            self.rows.add("append-one", ours["perSecond"], theirs["perSecond"])
            if is_last:
                self.rows.add("append-callers", ours["callersPerSecond"], ours["perSecond"])
            self.details.setdefault("append-callers", []).append({"ours": ours, "append": theirs})

    def reads(self):
        """On the ledger that `append_group` has left: its users have money. What is written beside stays in it."""
        ours = run(self.bench, "read", self.path("ledger"), 200_000, self.args.read_seconds)
        least = run(self._program("read"), self.args.users, 200_000)
        ours["balanceInC"] = least["nanosecondsARead"]
        ours["balancesInCOverlapped"] = least["overlapped"]
        for name in ("balance", "top10", "rank"):
            self.rows.add("read-" + name, ours[name])
            self.rows.add(f"read-{name}-writing", ours[name + "Writing"][0]["p99"])
        self.details.setdefault("read", []).append(ours)

    def memory(self):
        clear(self.path("memory"))
        # As many payments a user as in the large rows: a user's first ones make rows that later ones share.
        ours = run(self.bench, "memory", self.path("memory"), self.args.users, 5 * self.args.users // 2)
        clear(self.path("memory"))
        self.rows.add("memory-user", ours["bytesAUser"])
        self.rows.add("memory-payment", ours["bytesAPayment"])
        self.details.setdefault("memory", []).append(ours)

    def imports(self):
        clear(self.path("imported"))
        ours = run(self.bench, "import", self.path("imported"), self.path("lines.jsonl"))
        clear(self.path("imported"))
        self.note_digest("import", ours)
        self.rows.add("import", ours["linesPerSecond"])
        self.details.setdefault("import", []).append(ours)

    # -- The large rows, and what the charts need

    def group_sizes(self):
        """Throughput by group size: ours, both C programs, SQLite."""
        points = []
        for group in (1, 10, 100, 1000, GROUP):
            say(f"groups of {group:,} …")
            count = min(self.args.payments, {1: 5_000, 10: 40_000, 100: 200_000}.get(group, 400_000))
            ledger = self.ledger()
            ours = run(self.bench, "append-group", ledger, count, group)
            point = {"group": group, "ours": ours["perSecond"]}
            before = ours["recordsBefore"]
            for name, more in (("append", []), ("accounts", [self.args.users, 0])):
                clear(self.path("copy"))
                answer = run(self._program(name), ledger + "/log", self.path("copy"), group, count, before, *more)
                point[name] = answer["perSecond"]
                if name == "accounts":
                    demand(answer["pending"] == ours["pending"], "the C accounts differ from ours")
            clear(self.path("copy"))
            if self.has_sqlite:
                point["sqlite"] = self._sqlite(min(count, self.args.peer_payments), group)["perSecond"]
            points.append(point)
        self.details["groupSizes"] = points

    def postgres(self):
        if not self.has_postgres:
            return
        say("PostgreSQL …")
        with postgres.Cluster(self.work, self.args.users) as cluster:
            seconds = self.args.postgres_seconds
            self.details["postgres"] = {
                "oneByOne32Clients": cluster.one_by_one(seconds),
                "batchesOf8190": max(cluster.batches(seconds), cluster.batches(seconds, clients=1)),
            }

    def rebuild_sizes(self):
        """Rebuild rate by users; the largest is the row `rebuild-10m`, and `open-10m` is measured on it."""
        points = []
        for users in self.args.rebuild_users:
            say(f"a ledger with {users:,} users and {users * 5 // 2:,} payments …")
            ledger = self.path("large")
            clear(ledger)
            made = run(self.bench, "fill", ledger, users, users * 5 // 2)
            os.sync()
            is_largest = users == max(self.args.rebuild_users)
            pairs = []
            for _ in range(2 if is_largest else 1):
                ours = run(self.bench, "rebuild", ledger)
                theirs = self._fold(ledger, ours)
                pairs.append((ours["paymentsPerSecond"], theirs["paymentsPerSecond"]))
                if is_largest:
                    self.rows.add("rebuild-10m", *pairs[-1])
            points.append({
                "users": users, "payments": users * 5 // 2, "ours": median([a for a, _ in pairs]),
                "fold": median([b for _, b in pairs]), "logBytes": disk_bytes(ledger + "/log"),
                "viewsBytes": disk_bytes(ledger + "/views"), "memoryBytes": ours["memoryBytes"], "fill": made,
            })
            if is_largest:
                self._open_large(ledger, users, ours["stateDigest"])
            clear(ledger)
        self.details["rebuildSizes"] = points

    def _open_large(self, ledger, users, digest):
        answers = {"warm": [], "cold": []}
        for kind in ("warm", "cold", "warm", "cold", "warm"):
            if kind == "cold":
                drop_cache(ledger)
            answer = run(self.bench, "open", ledger, users // 2)
            demand(answer["stateDigest"] == digest, "the opened ledger has another state")
            answers[kind].append(answer["seconds"])
        for took in answers["warm"]:
            self.rows.add("open-10m", took * 1e9)
        tail = self.args.tail_payments
        run(self.bench, "tail", ledger, tail)
        killed = run(self.bench, "open", ledger, users // 2)
        demand(killed["payments"] == users * 5 // 2 + tail, "payments were lost with the kill")
        self.details["open"] = {**answers, "killed": {"tailPayments": tail, "seconds": killed["seconds"]}}

    def growth(self):
        say(f"growth to {self.args.growth_events:,} events …")
        runs = []
        # A window is a twentieth of a second, and one slow answer of the disk is as long: a few windows say little.
        for _ in range(min(5, 2 * self.args.rounds - 1)):
            ours = run(self.bench, "growth", self.ledger(), self.args.growth_events)
            points = {point["events"]: point["nanosecondsAPayment"] for point in ours["points"]}
            if 1_000_000 in points and max(points) > 1_000_000:
                self.rows.add("growth", points[max(points)], points[1_000_000])
            runs.append(ours)
            clear(self.path("ledger"))
        # The chart and the page show the run in the middle.
        self.details["growth"] = sorted(runs, key=lambda ours: ours["points"][-1]["nanosecondsAPayment"])[len(runs) // 2]


def measure(args):
    """Everything that was asked for; the rows and the details."""
    bench = Bench(args)
    bench.prepare()
    for turn in range(args.rounds):
        say(f"round {turn + 1} of {args.rounds} …")
        bench.append_group()
        bench.rebuild()
        if not args.quick:
            bench.rebuild_views()
        bench.reads()
        bench.callers()
        bench.imports()
    for _ in range(1 if args.quick else min(2, args.rounds)):
        bench.memory()
    if not args.quick:
        bench.group_sizes()
        bench.postgres()
        bench.growth()
        bench.rebuild_sizes()
    clear(args.work)
    return bench


__all__ = ["Failure", "measure"]
