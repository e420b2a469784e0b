"""Owns where the programs under test lie."""
import os

import tools

FOLDER = os.environ.get("DELTIC_BIN", os.path.join(tools.PROJECT, "build", "release", "bin"))


def path(name):
    found = os.path.join(FOLDER, name)
    assert os.path.exists(found), f"{found} is not there: build it first (tools/test build)"
    return found


def moved(folder, tables, place):
    """A program, made in `folder`, that is deltic but for tables below the folder `tables`: it takes those of the same names at `place`."""
    program = os.path.join(folder, "deltic")
    with open(program, "w") as f:
        f.write(f"#!/bin/bash\nfrom='{tables}' to='{place}'\nexec {path('deltic')} \"${{@/#\"$from\"/$to}}\"\n")
    os.chmod(program, 0o755)
    return program
