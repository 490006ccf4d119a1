#!/usr/bin/env python3
"""Counts what a payment costs, in figures that do not depend on the machine's mood, and compares with guard.json.

Called by scripts/guard, which builds everything first. A fixed piece of work (ledger-bench guard) is run with some
payments and with twice as many; the difference is what those payments cost, whatever the start costs.

  allocations, allocatedBytes   calls of the allocator, the caller's making of its commands included
  logBytes                      growth of the log's used pages
  pagesWritten                  4 KiB pages that LMDB writes, all environments
  syncs                         fdatasync calls a group
  instructions                  by valgrind --tool=callgrind

A figure above the recorded one by more than its tolerance fails; one that is below by more is told, to be recorded.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys

USERS = 8_190
GROUP = 8_190
# How much more than recorded is taken: counts are exact but for wake-ups and growing tables.
TOLERANCE = {
    "allocations": 0.02, "allocatedBytes": 0.03, "logBytes": 0.005, "pagesWritten": 0.02, "syncs": 0.0,
    "instructions": 0.05,
}


def fail(text):
    sys.exit(f"guard: {text}")


def call(words, **environment):
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode != 0:
        fail(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def work(args, payments, before=(), program=None, **environment):
    """One run on a fresh folder; its answer and what went to stderr."""
    folder = os.path.join(args.work, "ledger")
    shutil.rmtree(folder, ignore_errors=True)
    done = call([*before, program or args.bench, "guard", folder, str(USERS), str(payments)], **environment)
    shutil.rmtree(folder, ignore_errors=True)
    return json.loads(done.stdout), done.stderr


def count(args, payments):
    path = os.path.join(args.work, "counts.json")
    answer, _ = work(args, payments, LD_PRELOAD=args.counter, GUARD_COUNTS=path)
    with open(path, encoding="utf-8") as file:
        return {**json.load(file), "logBytes": answer["logBytes"], "digest": answer["stateDigest"]}


def instructions(args, payments):
    # Valgrind 3.19 does not understand Swift's debugging information.
    stripped = os.path.join(args.work, "ledger-bench")
    call(["strip", "-g", "-o", stripped, args.bench])
    _, told = work(args, payments, program=stripped, before=(
        "valgrind", "--tool=callgrind", f"--callgrind-out-file={os.path.join(args.work, 'callgrind.out')}"),
        LD_PRELOAD=args.small_maps)
    found = re.search(r"Collected : (\d+)", told)
    if not found:
        fail(f"callgrind says no number:\n{told}")
    return int(found.group(1))


def measure(args):
    groups = 10
    some, twice = count(args, groups * GROUP), count(args, 2 * groups * GROUP)
    if some["digest"] == twice["digest"]:
        fail("two different runs end in one state")
    payments = groups * GROUP
    figures = {name: (twice[name] - some[name]) / payments for name in ("allocations", "allocatedBytes", "logBytes")}
    figures["pagesWritten"] = (twice["writtenBytes"] - some["writtenBytes"]) / 4096 / payments
    figures["syncs"] = (twice["syncs"] - some["syncs"]) / groups
    if shutil.which("valgrind"):
        figures["instructions"] = (instructions(args, GROUP) - instructions(args, GROUP // 2)) / (GROUP // 2)
    else:
        print("guard: SKIPPED instructions: valgrind is not installed", file=sys.stderr)
    return {name: round(value, 4 if value < 100 else 1) for name, value in figures.items()}


def compare(recorded, figures):
    """A table, and the names of what has grown by more than is taken."""
    lines, grown = [f"{'a payment':16} {'recorded':>12} {'now':>12} {'change':>8}"], []
    for name, now in figures.items():
        before = recorded[name]
        change = now / before - 1 if before else float(now > 0)
        verdict = ""
        if change > TOLERANCE[name] + 1e-9:
            verdict = f"GROWN (tolerance {TOLERANCE[name]:.1%})"
            grown.append(name)
        elif change < -max(TOLERANCE[name], 0.02):
            verdict = "lower: record it with scripts/guard --update"
        lines.append(f"{name:16} {before:12,.4g} {now:12,.4g} {change:+8.1%}  {verdict}")
    return lines, grown


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--counter", required=True, help="count.so")
    parser.add_argument("--small-maps", required=True, help="smallmap.so, for Valgrind")
    parser.add_argument("--work", required=True)
    parser.add_argument("--recorded", required=True, help="guard.json")
    parser.add_argument("--update", action="store_true", help="record what is measured instead of comparing")
    args = parser.parse_args()
    figures = measure(args)
    if args.update:
        if "instructions" not in figures:
            fail("not recorded: without valgrind the figures are not whole")
        with open(args.recorded, "w", encoding="utf-8") as file:
            json.dump({"perPayment": figures}, file, indent=1)
            file.write("\n")
        print(f"guard: recorded {figures}")
        return
    with open(args.recorded, encoding="utf-8") as file:
        recorded = json.load(file)["perPayment"]
    lines, grown = compare(recorded, figures)
    print("\n".join(lines))
    if grown:
        fail(f"a payment costs more: {', '.join(grown)}. If that is meant: scripts/guard --update, and say why")


if __name__ == "__main__":
    main()
