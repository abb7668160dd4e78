"""Damage done to good files at random but repeatably, as failing disks, cut uploads and malice do it."""

import random


def damaged(data: bytes, seed: int) -> bytes:
    """The data with one to twenty bytes changed, cut out, doubled or put in, or with its end cut off."""
    rng = random.Random(seed)
    bad = bytearray(data)
    for _blow in range(rng.choice((1, 1, 2, 5, 20))):
        if not bad:
            break
        place, way = rng.randrange(len(bad)), rng.randrange(6)
        if way == 0:
            bad[place] = rng.randrange(256)
        elif way == 1:
            del bad[place : place + rng.randrange(1, 30)]
        elif way == 2:
            bad[place:place] = rng.randbytes(rng.randrange(1, 8))
        elif way == 3:
            other = rng.randrange(len(bad))
            bad[place:place] = bad[other : other + rng.randrange(1, 60)]
        elif way == 4:
            bad[place : place + 4] = rng.choice((0, 1, 2**31 - 1, 2**32 - 1, 65_536)).to_bytes(4, "little")
        else:
            bad = bad[:place]
    return bytes(bad)
