#!/usr/bin/env python3
"""Runs the benchmark's rows: ours and the C yardsticks in turn, several rounds; medians with min and max.

Called by scripts/bench, which builds everything first. Writes results/latest.json and prints a table.
  run.py --bench PROGRAM --baseline DIR --work DIR [--rounds N] [--users N] [--payments N] [--singles N] [--out FILE]
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys


def run(*words):
    """One program, its one JSON object."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    answer = json.loads(done.stdout)
    if "error" in answer:
        sys.exit(f"{' '.join(map(str, words))}: {answer['error']}")
    return answer


def clear(path):
    shutil.rmtree(path, ignore_errors=True)


def row(name, unit, ours, baseline, goal, lower=False, kind="ratio"):
    """A row of the result: medians, their spread, the ratio and whether the goal is met."""
    mine = statistics.median(ours)
    theirs = statistics.median(baseline) if baseline else None
    # Pair by pair, so that a machine that drifts drifts for both.
    ratio = statistics.median(a / b for a, b in zip(ours, baseline)) if baseline else None
    measured = ratio if kind == "ratio" else mine
    return {
        "name": name, "unit": unit, "ours": mine, "baseline": theirs, "ratio": ratio, "goal": goal,
        "met": measured <= goal if lower else measured >= goal, "lowerIsBetter": lower,
        "oursRange": [min(ours), max(ours)],
        "baselineRange": [min(baseline), max(baseline)] if baseline else None,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--baseline", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--payments", type=int, default=1_000_000)
    parser.add_argument("--singles", type=int, default=10_000)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    work = args.work
    populated, ledger, copy = (os.path.join(work, name) for name in ("populated", "ledger", "copy"))
    clear(work)
    os.makedirs(work)
    print(f"a ledger with {args.users:,} users …", file=sys.stderr)
    run(args.bench, "populate", populated, args.users)

    seen = {name: ([], []) for name in ("append-group", "append-one", "rebuild-1m", "read-balance", "log-bytes")}
    digests = set()
    for turn in range(args.rounds):
        print(f"round {turn + 1} of {args.rounds} …", file=sys.stderr)
        clear(ledger)
        shutil.copytree(populated, ledger)
        ours = run(args.bench, "append-group", ledger, args.payments, 8190)
        digests.add(ours["stateDigest"])
        clear(copy)
        theirs = run(os.path.join(args.baseline, "append"), ledger + "/log", copy, 8190, args.payments,
                     ours["recordsBefore"])
        seen["append-group"][0].append(ours["perSecond"])
        seen["append-group"][1].append(theirs["perSecond"])
        seen["log-bytes"][0].append(ours["fileBytesAPayment"])

        ours = run(args.bench, "rebuild", ledger)
        theirs = run(os.path.join(args.baseline, "fold"), ledger + "/log")
        digests.add(ours["stateDigest"])
        if ours["payments"] != theirs["payments"] or ours["users"] != theirs["users"]:
            sys.exit("the two folds do not agree")
        seen["rebuild-1m"][0].append(ours["paymentsPerSecond"])
        seen["rebuild-1m"][1].append(theirs["paymentsPerSecond"])
        ours = run(args.bench, "read-balance", ledger, 1_000_000)
        seen["read-balance"][0].append(ours["nanoseconds"])

        clear(ledger)
        shutil.copytree(populated, ledger)
        ours = run(args.bench, "append-one", ledger, args.singles)
        clear(copy)
        theirs = run(os.path.join(args.baseline, "append"), ledger + "/log", copy, 1, args.singles,
                     ours["recordsBefore"])
        seen["append-one"][0].append(ours["perSecond"])
        seen["append-one"][1].append(theirs["perSecond"])
    if len(digests) != 1:
        sys.exit(f"the runs' digests differ: {digests}")
    clear(work)

    rows = [
        row("append-group", "payments/s", *seen["append-group"], 0.5),
        row("append-one", "payments/s", *seen["append-one"], 0.95),
        row("rebuild-1m", "payments/s", *seen["rebuild-1m"], 0.5),
        row("read-balance", "ns", seen["read-balance"][0], None, 250, lower=True, kind="absolute"),
        row("log-bytes", "bytes/payment", seen["log-bytes"][0], None, 200, lower=True, kind="absolute"),
    ]
    with open(args.out, "w", encoding="utf-8") as out:
        json.dump({"rounds": args.rounds, "users": args.users, "payments": args.payments, "rows": rows}, out, indent=2)
        out.write("\n")
    print(f"{'row':14} {'ours':>12} {'(min … max)':>27} {'baseline':>12} {'ratio':>7} {'goal':>6}")
    for entry in rows:
        spread = f"({entry['oursRange'][0]:,.0f} … {entry['oursRange'][1]:,.0f})"
        theirs = f"{entry['baseline']:,.0f}" if entry["baseline"] else "–"
        ratio = f"{entry['ratio']:.2f}" if entry["ratio"] else "–"
        print(f"{entry['name']:14} {entry['ours']:12,.0f} {spread:>27} {theirs:>12} {ratio:>7} {entry['goal']:>6}"
              f"  {'met' if entry['met'] else 'not met'}")


main()
