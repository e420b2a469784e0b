#!/usr/bin/env python3
"""Builds the wheel, installs it to the environment that runs this, and runs the tests beside this file, type checking last.

Does not build anything itself (tools/python does). Where DELTIC_WHEEL names a wheel, that one is tested.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def pip(*arguments):
    subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


def main():
    with tempfile.TemporaryDirectory() as folder:
        if not os.environ.get("DELTIC_WHEEL"):
            subprocess.run([ROOT / "tools/python", "--wheel", folder], check=True, env={**os.environ, "PYTHON": sys.executable})
            os.environ["DELTIC_WHEEL"] = str(next(pathlib.Path(folder).glob("deltic-*.whl")))
        wheel = pathlib.Path(os.environ["DELTIC_WHEEL"])
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB", flush=True)
        pip("install", "--force-reinstall", "--no-deps", wheel)
        os.chdir(HERE)
        suite = unittest.defaultTestLoader.discover(str(HERE))
        result = unittest.TextTestRunner(verbosity=1).run(suite)
        types = subprocess.run([sys.executable, "-m", "mypy", "--config-file", ROOT / "bindings/python/pyproject.toml"], check=False,
                               cwd=ROOT / "bindings/python")
        return 0 if result.wasSuccessful() and types.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
