#!/usr/bin/env python3
"""A large programme from an empty folder: import as a stream, sizes, memory, opening, rebuild. By scripts/bench-scale.

`referral-ledger simulate` writes lines into `referral-ledger import`, as a host's own history would come; nothing of it
lies on disk but the ledger. Then the ledger is opened warm and cold, its views are thrown away and rebuilt, and the
digests must be one. Writes scale.json and prints it as a table.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time

from harness import charts
from harness.rows import SCALE_BEGIN, number, put_into, scale_markdown, write
from harness.tools import disk_bytes, drop_cache, say


def fail(text):
    sys.exit(f"bench-scale: {text}")


class Memory(threading.Thread):
    """Watches a process's anonymous memory: the most that was seen, twice a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.path, self.most, self.over = f"/proc/{pid}/smaps_rollup", 0, threading.Event()

    def run(self):
        while not self.over.wait(0.5):
            try:
                with open(self.path, encoding="utf-8") as file:
                    found = next(line for line in file if line.startswith("Anonymous:"))
                self.most = max(self.most, int(found.split()[1]) * 1024)
            except (OSError, StopIteration):
                return


class Program:
    """referral-ledger on one ledger."""

    def __init__(self, path, ledger):
        self.path, self.ledger = path, ledger

    def call(self, *words, source=None, accept=(0,)):
        """What it printed (JSON), how long it took, and its memory at the most."""
        begin = time.monotonic()
        process = subprocess.Popen(
            [self.path, *map(str, words), "--json", "--ledger", self.ledger], stdin=source, stdout=subprocess.PIPE)
        memory = Memory(process.pid)
        memory.start()
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        took = time.monotonic() - begin
        memory.over.set()
        memory.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in accept:
            fail(f"{' '.join(map(str, words))} ended with {process.returncode}")
        return json.loads(text or b"{}"), {
            "seconds": round(took, 3), "peakAnonymousBytes": memory.most, "peakResidentBytes": usage.ru_maxrss * 1024}


def import_stream(program, args):
    """The lines of the simulation, straight into the import."""
    source = subprocess.Popen(
        [args.program, "simulate", "--users", str(args.users), "--payments", str(args.payments), "--asset", "USD"],
        stdout=subprocess.PIPE)
    counts, cost = program.call("import", "-", "--import-id", "scale", source=source.stdout)
    source.stdout.close()
    if source.wait() != 0:
        fail("simulate failed")
    if counts["refused"] != 0:
        fail(f"{counts['refused']} lines were refused")
    lines = sum(counts[name] for name in ("accepted", "repeated", "parked", "refused"))
    return {**cost, "lines": lines, "linesPerSecond": round(lines / cost["seconds"])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--document", help="a page to put the figures into")
    parser.add_argument("--users", type=int, default=10_000_000)
    parser.add_argument("--payments", type=int, default=14_000_000)
    args = parser.parse_args()
    ledger = os.path.join(args.work, "ledger")
    shutil.rmtree(ledger, ignore_errors=True)
    program = Program(args.program, ledger)
    program.call("init", "--preset", "two-level", "--asset", "USD")
    say(f"importing {args.users:,} users and {args.payments:,} payments as a stream …")
    figures = {"users": args.users, "payments": args.payments, "import": import_stream(program, args)}
    status, figures["openWarm"] = program.call("status")
    figures["events"] = status["position"]
    figures["logBytes"] = disk_bytes(ledger + "/log")
    figures["viewsBytes"] = disk_bytes(ledger + "/views")
    drop_cache(ledger)
    _, figures["openCold"] = program.call("status")
    say("rebuilding …")
    shutil.rmtree(ledger + "/views")
    _, figures["rebuild"] = program.call("rebuild")
    figures["rebuild"]["eventsPerSecond"] = round(figures["events"] / figures["rebuild"]["seconds"])
    again, _ = program.call("status")
    if again["stateDigest"] != status["stateDigest"]:
        fail("the rebuilt state differs")
    lines, _ = program.call("trial-balance")
    figures["stateDigest"] = status["stateDigest"]
    figures["accounts"] = len(lines) if isinstance(lines, list) else len(lines.get("lines", lines))
    write(args.out, figures)
    if args.document:
        charts.scale(figures).write(os.path.splitext(args.out)[0] + ".svg")
        put_into(args.document, scale_markdown(figures), SCALE_BEGIN)
    for name, value in figures.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {number(part)}" for key, part in value.items())
        print(f"{name:12} {value if isinstance(value, str) else number(value)}")


if __name__ == "__main__":
    main()
