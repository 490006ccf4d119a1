#!/usr/bin/env python3
"""Checks a folder of C2SP tlog-tiles, its checkpoint and proofs, by the specifications alone.

Written from RFC 6962 (section 2.1), RFC 8032 and the C2SP texts signed-note, tlog-checkpoint, tlog-cosignature,
tlog-tiles and tlog-proof, without a look at the ledger's sources. Needs Python's standard library, nothing else.

    check_tiles.py tiles FOLDER VKEY...       every entry, every tile, the root, the signatures
    check_tiles.py proof FILE VKEY...         a tlog-proof whose extra line holds the entry
    check_tiles.py consistency FILE OLD VKEY  a consistency proof from the checkpoint in the file OLD

Prints "ok" and what holds, or "not ok" and what does not (exit 1).
"""
import base64
import hashlib
import os
import sys

# RFC 8032, section 5.1: verification only, slow and plain.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def sha512(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little")


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = f - e, d - c, d + c, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(n, point):
    out = (0, 1, 1, 0)
    while n > 0:
        if n & 1:
            out = add(out, point)
        point = add(point, point)
        n >>= 1
    return out


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * I % P
    if (x * x - x2) % P != 0 or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519(key, signature, message):
    point, r = decompress(key), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if point is None or r is None or s >= L:
        return False
    h = sha512(signature[:32] + key + message) % L
    return same(multiply(s, BASE), add(r, multiply(h, point)))


# RFC 6962, section 2.1.
def sha(data):
    return hashlib.sha256(data).digest()


def leaf(data):
    return sha(b"\x00" + data)


def node(a, b):
    return sha(b"\x01" + a + b)


def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def root(hashes):
    if not hashes:
        return sha(b"")
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return node(root(hashes[:k]), root(hashes[k:]))


def root_by_path(hash_, index, size, path):
    """The root that a path leads to, by the recursive definition read backwards."""
    if size == 1:
        return hash_ if not path else None
    if not path:
        return None
    k = split(size)
    if index < k:
        below = root_by_path(hash_, index, k, path[:-1])
        return below and node(below, path[-1])
    below = root_by_path(hash_, index - k, size - k, path[:-1])
    return below and node(path[-1], below)


def roots_by_proof(m, n, path, whole, old):
    """(old root, new root) of this part that a consistency proof leads to."""
    if m == n:
        if whole:
            return (old, old) if not path else None
        return (path[0], path[0]) if len(path) == 1 else None
    if not path:
        return None
    k = split(n)
    if m <= k:
        below = roots_by_proof(m, k, path[:-1], whole, old)
        return below and (below[0], node(below[1], path[-1]))
    below = roots_by_proof(m - k, n - k, path[:-1], False, old)
    return below and (node(path[-1], below[0]), node(path[-1], below[1]))


class Wrong(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Wrong(what)


def b64(text):
    return base64.b64decode(text, validate=True)


def parse_note(text):
    body, signatures = text.rsplit("\n\n", 1)
    return body + "\n", [line.split(" ") for line in signatures.rstrip("\n").split("\n")]


def checkpoint(text, vkeys):
    """(origin, size, root) of a checkpoint that every key has signed."""
    body, signatures = parse_note(text)
    for vkey in vkeys:
        name, key_id, rest = vkey.split("+", 2)
        key = b64(rest)
        kind, public = key[0], key[1:]
        require(sha(name.encode() + b"\n" + key)[:4].hex() == key_id, "the id of a verifier key")
        good = False
        for dash, signer, data in signatures:
            require(dash == "\u2014", "a signature line")
            data = b64(data)
            if signer != name or data[:4].hex() != key_id:
                continue
            if kind == 1:
                good = ed25519(public, data[4:], body.encode())
            elif kind == 4:
                time = int.from_bytes(data[4:12], "big")
                message = f"cosignature/v1\ntime {time}\n{body}".encode()
                good = ed25519(public, data[12:], message)
            require(good, f"the signature of {name}")
        require(good, f"{name} has not signed")
    lines = body.split("\n")
    require(len(lines) >= 4 and lines[1] == str(int(lines[1])), "the lines of the checkpoint")
    if vkeys:
        require(lines[0] == vkeys[0].split("+")[0], "the origin")
    return lines[0], int(lines[1]), b64(lines[2])


def tile_path(folder, index, width):
    parts = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03}")
    return os.path.join(folder, *parts) + (f".p/{width}" if width < 256 else "")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def tiles(folder, vkeys):
    text = read(os.path.join(folder, "checkpoint")).decode()
    _, size, expected = checkpoint(text, vkeys)
    hashes = []
    for index in range((size + 255) // 256):
        width = min(256, size - 256 * index)
        path = tile_path(os.path.join(folder, "tile", "entries"), index, width)
        prefix = 2
        if not os.path.exists(path):
            # Values too long for the format's sixteen bits: the ledger's own folder, 32 bits.
            path, prefix = tile_path(os.path.join(folder, "tile", "records"), index, width), 4
        data, at, entries = read(path), 0, 0
        while at < len(data):
            count = int.from_bytes(data[at:at + prefix], "big")
            entry = data[at + prefix:at + prefix + count]
            require(len(entry) == count, f"entry {len(hashes)}")
            hashes.append(leaf(entry))
            at += prefix + count
            entries += 1
        require(entries == width, f"{entries} entries in bundle {index}")
    require(root(hashes) == expected, "the root of all entries")
    level, row = 0, hashes
    while row:
        for index in range((len(row) + 255) // 256):
            part = row[256 * index:256 * index + 256]
            path = tile_path(os.path.join(folder, "tile", str(level)), index, len(part))
            require(read(path) == b"".join(part), f"tile {level}/{index}")
        row = [root(row[i:i + 256]) for i in range(0, len(row) - 255, 256)]
        level += 1
    return f"{size} entries, root {expected.hex()}"


def proof(path, vkeys):
    head, note = read(path).decode().split("\n\n", 1)
    lines = head.split("\n")
    require(lines.pop(0) == "c2sp.org/tlog-proof@v1", "the first line")
    require(lines[0].startswith("extra "), "the entry in the extra line")
    entry = b64(lines.pop(0)[6:])
    index = int(lines.pop(0).removeprefix("index "))
    _, size, expected = checkpoint(note, vkeys)
    require(0 <= index < size, "the index")
    require(root_by_path(leaf(entry), index, size, [b64(line) for line in lines]) == expected, "the path")
    return f"entry {index} of {size}, root {expected.hex()}"


def consistency(path, old_path, vkeys):
    head, note = read(path).decode().split("\n\n", 1)
    lines = head.split("\n")
    size_old = int(lines.pop(0).removeprefix("old "))
    _, m, root_old = checkpoint(read(old_path).decode(), vkeys)
    _, n, root_new = checkpoint(note, vkeys)
    require(m == size_old and 0 < m <= n, "the sizes")
    found = roots_by_proof(m, n, [b64(line) for line in lines], True, root_old)
    require(found == (root_old, root_new), "the path")
    return f"{n} entries begin with {m}"


def main(words):
    try:
        if words[0] == "tiles":
            what = tiles(words[1], words[2:])
        elif words[0] == "proof":
            what = proof(words[1], words[2:])
        elif words[0] == "consistency":
            what = consistency(words[1], words[2], words[3:])
        else:
            raise Wrong("the first word")
    except (Wrong, ValueError, OSError, IndexError, UnicodeError) as error:
        print(f"not ok: {error}")
        return 1
    print(f"ok: {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
