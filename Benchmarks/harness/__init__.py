"""The benchmark's harness: runs ours, yardsticks and peers in turn, judges, draws. Python's standard library only."""
