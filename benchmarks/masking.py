"""What masking costs beside reading an output at all: ``python benchmarks/masking.py``.

Prints, for some numbers of secret values, the speed of masking an ordinary output, and its time as a ratio to decoding
the same bytes and taking terminal control sequences out of them, which every output goes through.
"""

from __future__ import annotations

import random
import string

from clock import cpu

from spec_runner.core.result.masking import Secrets
from spec_runner.core.text.printable import strip_control

LINE = "\x1b[32m✓\x1b[0m tests/unit/test_orders.py::test_{0} PASSED [{1}%] in {2} ms, 0x{3:08x}\n"
MEGABYTES = 4


def output(chance: random.Random) -> bytes:
    """An output as test runners print it."""
    lines: list[str] = []
    size = 0
    while size < MEGABYTES * 1_000_000:
        lines.append(LINE.format(*(chance.randrange(1, 100_000) for _ in range(3)), chance.randrange(2**32)))
        size += len(lines[-1].encode())
    return "".join(lines).encode()


def main() -> None:
    chance = random.Random(1)
    data = output(chance)
    text = strip_control(data.decode())
    plain = cpu(lambda: strip_control(data.decode("utf-8", "replace")))
    letters = string.ascii_letters + string.digits + "-_/+"
    for count in (1, 5, 10, 20, 50):
        secrets = Secrets("".join(chance.choices(letters, k=chance.randrange(16, 48))) for _ in range(count))
        took = cpu(lambda secrets=secrets: secrets.mask(text))  # type: ignore[misc]
        print(f"{count:3} values: {len(data) / 1e6 / took:6.1f} MB/s, {took / plain:5.2f} × a plain pass")


if __name__ == "__main__":
    main()
