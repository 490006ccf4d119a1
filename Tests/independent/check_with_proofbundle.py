#!/usr/bin/env python3
"""Checks proofs with `proofbundle` of the Python Package Index, a verifier by other authors.

    check_with_proofbundle.py available
    check_with_proofbundle.py proof FILE LOGVKEY [WITNESSVKEY]

Exit 0: it holds; 1: it does not; 2: the package is not installed.
"""
import sys

try:
    from proofbundle.tlogproof import parse_tlog_proof, verify_tlog_proof
except ImportError:
    print("proofbundle is not installed")
    sys.exit(2)

if sys.argv[1] == "available":
    sys.exit(0)
_, _, path, log, *witnesses = sys.argv
with open(path, encoding="utf-8") as file:
    text = file.read()
entry = parse_tlog_proof(text)["extra"]
verdict = verify_tlog_proof(text, entry, log, witnesses, threshold=len(witnesses), expected_origin=log.split("+")[0])
print({key: verdict[key] for key in ("ok", "log_ok", "witnesses_ok", "inclusion_ok", "tree_size", "index")})
sys.exit(0 if verdict["ok"] else 1)
