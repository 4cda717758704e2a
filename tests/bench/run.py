"""``make bench``: every figure measured side by side with what it is compared to, in one run."""

from __future__ import annotations

import sys
import time
from importlib import import_module

from tests.bench import installed

PARTS = ("start", "publish", "sweep", "bulk", "d1", "jobs")


def main(names: list[str]) -> int:
    """Run the parts named, or all of them; 1 if an aim was missed."""
    missed = False
    installed.install()
    for part in names or PARTS:
        began = time.monotonic()
        print(f"\n{part}", flush=True)
        for row in import_module(f"tests.bench.bench_{part}").measure():
            missed |= not row.ok
            print(f"  {'ok  ' if row.ok else 'MISS'} {row.name}: {row.figure}   {row.aim}", flush=True)
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
