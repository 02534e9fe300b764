"""The configuration that ``spec-run init`` writes: everything in it is a comment until somebody wants it."""

from __future__ import annotations

from pathlib import Path

from spec_runner.errors import SpecError
from spec_runner.system.config import FILE

_TEXT = """\
# How spec-run treats this spec. Nothing here can widen what the commands may do.

# [run]
# timeout = 600        # seconds that one command, or a service until it answers, may take; usual are 300
# jobs = 2             # how many neighbours marked [P] run at once; usual is the number of processors
# keep-going = true    # after a failure go on with all that does not depend on it

# [tests]
# run = true           # run the files of tests that tasks name, as --tests does; usual is false

# [git.mirrors]
# Address of a remote repository = what Git fetches instead, in this repository and relative to this file: a Git
# repository, a bundle, or a plain folder. Commands stay as written; a guide that clones from the internet can be
# proven without it.
# "https://github.com/owner/project.git" = "sample"

# [env]
# Variables of the commands, and sample values for the keys that .env tasks name. Real secrets do not belong here: use
# --env NAME or --env-file.
# API_KEY = "sample-key-0000"
"""


def write_starter(folder: Path) -> Path:
    """Write the configuration into a spec's folder. Raises SpecError where there is one, or it cannot be written."""
    place = folder / FILE
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(_TEXT)
    except FileExistsError:
        raise SpecError("the file exists already", todo="edit it", path=str(place)) from None
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise SpecError(f"cannot write the file ({said})", todo="check the folder", path=str(place)) from None
    return place
