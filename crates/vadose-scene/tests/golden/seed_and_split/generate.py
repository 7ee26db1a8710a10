# requirements: none
"""Golden values of seed derivation, generator, shuffle and paper split, in plain Python.

An independent second implementation, standard library only (written for CPython 3.8 or newer).
It checks itself against published vectors before it writes anything.

    python3 generate.py > values.json
"""

import json
import sys

MASK = (1 << 64) - 1
INCREMENT = 0x9E3779B97F4A7C15


def splitmix64(state):
    z = (state + INCREMENT) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def fnv1a64(data):
    digest = 0xCBF29CE484222325
    for byte in data:
        digest = ((digest ^ byte) * 0x100000001B3) & MASK
    return digest


def derive(master, purpose):
    return splitmix64(splitmix64(master) ^ fnv1a64(purpose.encode()))


def rotate(value, by):
    return ((value << by) | (value >> (32 - by))) & 0xFFFFFFFF


def chacha_block(key, counter, rounds):
    constants = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574]
    words = [int.from_bytes(key[i : i + 4], "little") for i in range(0, 32, 4)]
    start = constants + words + [counter & 0xFFFFFFFF, counter >> 32, 0, 0]
    x = list(start)

    def quarter(a, b, c, d):
        for target, source, other, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[target] = (x[target] + x[source]) & 0xFFFFFFFF
            x[other] = rotate(x[other] ^ x[target], by)

    for _ in range(rounds // 2):
        for column in range(4):
            quarter(column, 4 + column, 8 + column, 12 + column)
        for column in range(4):
            quarter(column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4)
    return [(a + b) & 0xFFFFFFFF for a, b in zip(x, start)]


class Rng:
    def __init__(self, master, purpose):
        start = derive(master, purpose)
        steps = (splitmix64((start + step * INCREMENT) & MASK) for step in range(4))
        self.key = b"".join(word.to_bytes(8, "little") for word in steps)
        self.words, self.counter = [], 0

    def next_u32(self):
        if not self.words:
            self.words = chacha_block(self.key, self.counter, 8)
            self.counter += 1
        return self.words.pop(0)

    def next_u64(self):
        low = self.next_u32()
        return low | (self.next_u32() << 32)

    def below(self, bound):
        while True:
            draw = self.next_u64()
            if draw < (1 << 64) - (1 << 64) % bound:
                return draw % bound

    def shuffle(self, items):
        for idx in range(len(items)):
            other = idx + self.below(len(items) - idx)
            items[idx], items[other] = items[other], items[idx]


def paper_split(seed, stations):
    """Stations alone in their cells: 30 % test, a seventh of the rest validation."""
    order = sorted(stations)
    Rng(seed, "station split").shuffle(order)
    n_test = round(0.30 * len(order))
    n_validation = round((len(order) - n_test) / 7)
    return {
        station: "test" if idx < n_test else "validation" if idx < n_test + n_validation else "train"
        for idx, station in enumerate(order)
    }


def check_against_published_vectors():
    assert splitmix64(0) == 0xE220A8397B1DCDAF
    assert fnv1a64(b"a") == 0xAF63DC4C8601EC8C
    # ChaCha20 and ChaCha8 keystreams for the all-zero key and nonce.
    assert chacha_block(bytes(32), 0, 20)[0].to_bytes(4, "little").hex() == "76b8e0ad"
    assert chacha_block(bytes(32), 0, 8)[0].to_bytes(4, "little").hex() == "3e00ef2f"


if __name__ == "__main__":
    check_against_published_vectors()
    purposes = [(0, ""), (0, "station split"), (1, "station split"), (MASK, "weights"), (42, "Gew\u00e4sser")]
    rng = Rng(42, "golden")
    draws = [rng.next_u64() for _ in range(20)]
    rng = Rng(42, "golden")
    dice = [rng.below(6) for _ in range(20)]
    order = list(range(20))
    Rng(42, "golden").shuffle(order)
    json.dump(
        {
            "derive": [{"master": m, "purpose": p, "seed": derive(m, p)} for m, p in purposes],
            "next_u64": draws,
            "below_6": dice,
            "shuffle_20": order,
            "paper_split_seed_7": paper_split(7, [f"station-{i:02}" for i in range(20)]),
        },
        sys.stdout,
        indent=1,
        sort_keys=True,
    )
    print()
