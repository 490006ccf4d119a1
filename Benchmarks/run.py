#!/usr/bin/env python3
"""Runs the benchmark: ours, the C yardsticks and the peers in turn, several rounds; medians with min and max.

Called by scripts/bench, which builds everything first. Prints a table, writes latest.json (the rows), details.json
(every figure of every round) and the charts into the results' folder.
"""
import argparse
import json
import os
import platform
import sys

from harness import charts, rows
from harness.measure import Failure, measure

# Sizes by how long it may take. Each may be given on the command line.
QUICK = {
    "rounds": 2, "users": 1_000_000, "payments": 500_000, "peer_payments": 100_000, "singles": 4_000, "each": 1_000,
    "read_seconds": 4, "import_lines": 400_000, "postgres_seconds": 5, "growth_events": 0, "rebuild_users": [],
    "tail_payments": 0,
}
FULL = {
    "rounds": 5, "users": 1_000_000, "payments": 2_000_000, "peer_payments": 400_000, "singles": 10_000, "each": 2_000,
    "read_seconds": 12, "import_lines": 3_000_000, "postgres_seconds": 20, "growth_events": 100_000_000,
    "rebuild_users": [100_000, 1_000_000, 10_000_000], "tail_payments": 1_000_000,
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="the program ledger-bench")
    parser.add_argument("--baseline", required=True, help="the folder of the C programs")
    parser.add_argument("--work", required=True, help="a folder to work in; emptied before and removed after")
    parser.add_argument("--results", required=True, help="the folder for results")
    parser.add_argument("--document", help="a page to put the figures of a whole run into")
    parser.add_argument("--quick", action="store_true", help="about two minutes, without the large rows")
    for name, value in FULL.items():
        option = "--" + name.replace("_", "-")
        if isinstance(value, list):
            parser.add_argument(option, type=lambda text: [int(word) for word in text.split(",") if word])
        else:
            parser.add_argument(option, type=int)
    args = parser.parse_args()
    for name, value in (QUICK if args.quick else FULL).items():
        if getattr(args, name) is None:
            setattr(args, name, value)
    return args


def machine():
    """What it ran on."""
    model = ""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "")
    return {
        "processors": os.cpu_count(), "model": model, "kernel": platform.release(),
        "memoryBytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), "loadBefore": os.getloadavg()[0],
    }


def main():
    args = arguments()
    os.makedirs(args.results, exist_ok=True)
    where = machine()
    if where["loadBefore"] > 0.5 * (where["processors"] or 1):
        print(f"the machine is not idle (load {where['loadBefore']:.1f}): figures will be low", file=sys.stderr)
    try:
        bench = measure(args)
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    found, spread = bench.rows.results()
    rows.write(os.path.join(args.results, "latest.json"), {"rows": found})
    sizes = {name: getattr(args, name) for name in FULL}
    details = {"machine": where, "quick": args.quick, "sizes": sizes, "rounds": spread, "runs": bench.details}
    path = os.path.join(args.results, "details-quick.json" if args.quick else "details.json")
    rows.write(path, details)
    print(rows.table(found, spread))
    if "postgres" in bench.details:
        for name, rate in bench.details["postgres"].items():
            print(f"PostgreSQL 15, {name}: {rate:,.0f} payments/s")
    drawn = charts.draw(found, json.loads(json.dumps(details)), args.results)
    print("charts:", ", ".join(drawn))
    if args.document and not args.quick:
        rows.put_into(args.document, rows.markdown(found, spread, details, drawn))


if __name__ == "__main__":
    main()
