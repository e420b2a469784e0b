"""Owns where the programs under test lie."""
import os

import tools

FOLDER = os.environ.get("DELTIC_BIN", os.path.join(tools.PROJECT, "build", "release", "bin"))


def path(name):
    found = os.path.join(FOLDER, name)
    assert os.path.exists(found), f"{found} is not there: build it first (tools/test build)"
    return found
