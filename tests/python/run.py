#!/usr/bin/env python3
"""Builds the wheel, installs it to the environment that runs this, and runs the tests beside this file, type checking last. Then
builds a wheel for each other Python found here (pyenv's and those on the PATH, CPython 3.10 to 3.13) and has it read a table in a clean
environment (smoke.py).

    python3 run.py               as above
    python3 run.py --versions    the tests as well with each of those Pythons, with the packages that there are for it

Does not build anything itself (tools/python does). Where DELTIC_WHEEL names a wheel, that one is tested, alone.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VERSIONS = ("3.10", "3.11", "3.12", "3.13")
# From here on one wheel serves every version (CPython's stable ABI).
STABLE = (3, 12)


def pip(*arguments, python=sys.executable):
    subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", *map(str, arguments)], check=True)


def build(folder, python=sys.executable):
    subprocess.run([ROOT / "tools/python", "--wheel", folder], check=True, env={**os.environ, "PYTHON": str(python)})
    return next(pathlib.Path(folder).glob("deltic-*.whl"))


def pythons():
    """{version: executable} of the CPythons found here, the one that runs this left out."""
    found = {}
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv")) / "versions"
    for version in VERSIONS:
        places = sorted(pyenv.glob(f"{version}.*/bin/python"), key=lambda path: [int(part) for part in re.findall(r"\d+", path.parents[1].name)])
        on_path = shutil.which(f"python{version}")
        for executable in [*map(str, reversed(places)), *([on_path] if on_path else [])]:
            # A name on the PATH may stand for a version that is not there (pyenv's shims).
            said = subprocess.run([executable, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True)
            if said.stdout.strip() == version:
                found[version] = executable
                break
    found.pop("%d.%d" % sys.version_info[:2], None)
    return found


def smoke(wheel, python, table, folder):
    """Whether the wheel reads in an environment that has nothing but what it asks for."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    clean = pathlib.Path(folder) / "bin/python"
    pip("install", wheel, python=clean)
    return subprocess.run([clean, HERE / "smoke.py", table], env={**os.environ, "LD_LIBRARY_PATH": ""}).returncode == 0


def tests_with(python, wheel):
    """Whether the tests pass with another Python, in an environment that is kept. Says which packages there are not."""
    version = subprocess.run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True).stdout.strip()
    environment = ROOT / ".cache" / f"python-{version}-venv"
    if not environment.exists():
        subprocess.run([python, "-m", "venv", environment], check=True)
    inside = environment / "bin/python"
    pip("install", "--force-reinstall", "--no-deps", wheel, python=inside)
    missing = []
    for package in ("arro3-core", "pyarrow", "pandas", "polars", "duckdb==1.5.5", "deltalake==1.6.6"):
        done = subprocess.run([inside, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--only-binary", ":all:", package], capture_output=True)
        if done.returncode != 0:
            missing.append(package)
    print(f"Python {version}: {'every package' if not missing else 'no ' + ', '.join(missing)}", flush=True)
    if missing:
        return True  # these tests need them all; the smoke test has been run
    return subprocess.run([inside, "-m", "unittest", "discover", "-s", HERE], cwd=HERE, env={**os.environ, "DELTIC_WHEEL": str(wheel)}).returncode == 0


def other_versions(folder, whole):
    """Whether every other Python found here builds the package and reads with it."""
    from tables import Tables

    good, stable = True, None
    Tables.setUpClass()
    try:
        for version, python in pythons().items():
            place = pathlib.Path(folder) / version
            place.mkdir()
            is_stable = tuple(map(int, version.split("."))) >= STABLE
            wheel = stable if is_stable and stable else build(place, python)
            stable = wheel if is_stable else stable
            print(f"Python {version}: {wheel.name}", flush=True)
            good = smoke(wheel, python, Tables.versions, place / "clean") and good
            if whole:
                good = tests_with(python, wheel) and good
    finally:
        Tables.doClassCleanups()
    return good


def main():
    with tempfile.TemporaryDirectory() as folder:
        alone = bool(os.environ.get("DELTIC_WHEEL"))
        if not alone:
            os.environ["DELTIC_WHEEL"] = str(build(folder))
        wheel = pathlib.Path(os.environ["DELTIC_WHEEL"])
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB", flush=True)
        pip("install", "--force-reinstall", "--no-deps", wheel)
        os.chdir(HERE)
        sys.path.insert(0, str(HERE))
        suite = unittest.defaultTestLoader.discover(str(HERE))
        result = unittest.TextTestRunner(verbosity=1).run(suite)
        types = subprocess.run([sys.executable, "-m", "mypy", "--config-file", ROOT / "bindings/python/pyproject.toml"], check=False,
                               cwd=ROOT / "bindings/python")
        others = alone or other_versions(folder, "--versions" in sys.argv[1:])
        return 0 if result.wasSuccessful() and types.returncode == 0 and others else 1


if __name__ == "__main__":
    sys.exit(main())
