"""What reading and deciding cost beside mistune: ``python benchmarks/reading.py FOLDER``.

Plans every markdown document below a folder and prints the CPU time as a ratio to mistune's own reading of the same
texts: its block parser alone, and its syntax tree (blocks and inline text, nothing rendered).
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import mistune
from clock import cpu
from mistune.block_parser import BlockParser
from mistune.core import BlockState

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.tasks import decide
from spec_runner.core.plan.model import Choices, ReadSpec, plan_spec
from spec_runner.core.text.document import read_document


def plan_all(files: list[tuple[bytes, bool]]) -> None:
    """Plan every document as a dry run does; a guide is marked as one."""
    for data, is_guide in files:
        if is_guide:
            plan_spec(ReadSpec("a", guide=read_guide(data)), Choices(), decide)
        else:
            plan_spec(ReadSpec("a", tasks=read_document(data)), Choices(), decide)


def read_blocks(texts: list[str]) -> None:
    """Read the blocks of every text as mistune does it by itself."""
    parser = BlockParser()
    for text in texts:
        state = BlockState()
        state.process(text)
        parser.parse(state)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python benchmarks/reading.py FOLDER")
    # As in a dry run, and for all alike.
    gc.disable()
    files = [(path.read_bytes(), "quickstart" in path.name) for path in sorted(Path(sys.argv[1]).rglob("*.md"))]
    texts = [data.decode("utf-8", "replace").replace("\r\n", "\n") for data, _ in files]
    tree = mistune.create_markdown(renderer=None)
    planned = cpu(lambda: plan_all(files))
    blocks = cpu(lambda: read_blocks(texts))
    whole = cpu(lambda: [tree(text) for text in texts])
    print(f"{len(files)} documents, {sum(map(len, texts)) / 1e6:.1f} MB: planned in {planned:.2f} s")
    print(f"{planned / blocks:.2f} × mistune's blocks alone ({blocks:.2f} s)")
    print(f"{planned / whole:.2f} × mistune's syntax tree ({whole:.2f} s)")


if __name__ == "__main__":
    main()
