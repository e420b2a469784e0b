"""Proves that deltic lives in one process with other packages that hold DuckDB or Arrow, in any order of import, and with
fork; and that its wheel needs nothing but what it says, in an environment of its own."""
import itertools
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
import unittest
import venv

import deltalake
import deltic
import pyarrow as pa
from tables import Tables

PEERS = ("duckdb", "pyarrow", "polars", "deltalake", "pandas")


def python(program, *arguments, executable=sys.executable, **environment):
    return subprocess.run([str(executable), "-c", textwrap.dedent(program), *map(str, arguments)], capture_output=True, text=True, timeout=300,
                          env={**os.environ, **environment})


class OneProcess(Tables):
    def check(self, *imports):
        done = python(f"""
            import sys
            {"; ".join("import " + name for name in imports)}
            import deltic, deltalake, duckdb, polars, pyarrow as pa
            uri = sys.argv[1]
            for _ in range(3):
                assert deltic.DeltaTable(uri).to_pyarrow_table().num_rows == 4999
                assert duckdb.connect().execute("select sum(range) from range(1000)").fetchall() == [(499500,)]
                assert deltalake.DeltaTable(uri).to_pyarrow_table().num_rows == 4999
                assert deltic.DeltaTable(uri).to_polars(lazy=True).filter(polars.col("id") < 9).collect().height == 9
                table = pa.table(deltic.DeltaTable(uri))
                assert duckdb.connect().execute("select count(*) from table_").fetchall() == [(4999,)] if (table_ := table) else None
                try:
                    deltic.sql("select nothing from t", t=deltic.DeltaTable(uri))
                    raise SystemExit("bound")
                except ValueError:
                    pass
                try:
                    duckdb.connect().execute("select nothing")
                    raise SystemExit("bound")
                except duckdb.BinderException:
                    pass
            print("well")
        """, self.versions)
        self.assertEqual((done.stdout, done.returncode), ("well\n", 0), f"{imports}: {done.stderr}")

    def test_deltic_imported_first(self):
        self.check("deltic", *PEERS)

    def test_deltic_imported_last(self):
        self.check(*PEERS, "deltic")

    def test_deltic_read_before_the_others_are_imported(self):
        done = python("""
            import sys, deltic
            assert deltic.DeltaTable(sys.argv[1]).count("id >= 0") == 4999
            import duckdb, deltalake, polars, pyarrow
            assert duckdb.connect().execute("select 1").fetchall() == [(1,)]
            assert deltalake.DeltaTable(sys.argv[1]).to_pyarrow_table().num_rows == 4999
            assert deltic.DeltaTable(sys.argv[1]).to_polars().height == 4999
            print("well")
        """, self.versions)
        self.assertEqual((done.stdout, done.returncode), ("well\n", 0), done.stderr)

    def test_importing_deltic_imports_no_optional_package(self):
        done = python("""
            import sys, deltic
            deltic.DeltaTable(sys.argv[1]).scan().read_all()
            print(sorted({name.split(".")[0] for name in sys.modules} & {"pyarrow", "pandas", "polars", "duckdb", "deltalake", "numpy"}))
        """, self.types)
        self.assertEqual(done.stdout, "[]\n", done.stderr)

    def test_a_forked_child_reads_tables_that_its_parent_has_read(self):
        done = python("""
            import os, sys, deltic
            table = deltic.DeltaTable(sys.argv[1])
            assert table.count("id >= 0") == 4999
            child = os.fork()
            if child == 0:
                right = table.count("id < 10") == 10 and table.scan().read_all().num_rows == 4999
                os._exit(0 if right and deltic.DeltaTable(sys.argv[1]).version() == 5 else 1)
            print(os.waitpid(child, 0)[1], table.scan().read_all().num_rows)
        """, self.versions)
        self.assertEqual((done.stdout, done.returncode), ("0 4999\n", 0), done.stderr)

    def test_processes_that_spawn_take_pickled_tables(self):
        table = deltic.DeltaTable(self.versions, 2)
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            self.assertEqual(pool.map(deltic.DeltaTable.count, [table, table]), [3000, 3000])


class Wheel(Tables):
    """The wheel in a clean environment: DELTIC_WHEEL names it (tests/python/run.py builds it)."""

    @unittest.skipUnless(os.environ.get("DELTIC_WHEEL"), "DELTIC_WHEEL names no wheel: tests/python/run.py does")
    def test_the_wheel_works_in_a_clean_environment(self):
        with tempfile.TemporaryDirectory() as folder:
            venv.create(folder, with_pip=True)
            executable = pathlib.Path(folder) / "bin/python"
            subprocess.run([executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", os.environ["DELTIC_WHEEL"]], check=True)
            listed = subprocess.run([executable, "-m", "pip", "--disable-pip-version-check", "list", "--format=freeze"], capture_output=True, text=True, check=True)
            names = {line.split("==")[0].split(" @")[0] for line in listed.stdout.split()}
            self.assertEqual(names - {"pip", "setuptools", "wheel"}, {"deltic", "arro3-core", "typing_extensions"} & names | {"deltic", "arro3-core"})
            done = python("""
                import sys, deltic
                table = deltic.DeltaTable(sys.argv[1])
                assert table.scan().read_all().num_rows == 4999
                assert deltic.sql("select count(*) n from t", t=table).read_all().column("n").to_pylist() == [4999]
                for read in (table.to_pyarrow_table, table.to_polars):
                    try:
                        read()
                        raise SystemExit("there is no such package")
                    except ImportError:
                        pass
                maps = open("/proc/self/maps").read()
                ours = {line.split()[-1] for line in maps.splitlines() if "libduckdb" in line or "libdeltic_engine" in line}
                assert ours and all(path.startswith(sys.prefix) for path in ours), ours
                print("well")
            """, self.versions, executable=executable, LD_LIBRARY_PATH="", DELTIC_ENGINE_DIR="")
            self.assertEqual((done.stdout, done.returncode), ("well\n", 0), done.stderr)

    @unittest.skipUnless(os.environ.get("DELTIC_WHEEL"), "DELTIC_WHEEL names no wheel: tests/python/run.py does")
    def test_the_wheel_holds_what_it_should(self):
        import zipfile
        names = zipfile.ZipFile(os.environ["DELTIC_WHEEL"]).namelist()
        for name in ("deltic/__init__.py", "deltic/py.typed", "deltic/_deltic.pyi", "deltic/libdeltic_engine.so", "deltic/libduckdb.so", "deltic/LICENSE",
                     "deltic/LICENSE.duckdb"):
            self.assertIn(name, names)
        self.assertEqual([name for name in names if name.endswith((".a", ".h", ".cc", "_test.py"))], [])

    @unittest.skipUnless(os.environ.get("DELTIC_WHEEL"), "DELTIC_WHEEL names no wheel: tests/python/run.py does")
    def test_the_wheel_finds_its_libraries_beside_itself_and_the_rest_on_any_linux(self):
        import zipfile
        everywhere = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libgcc_s.so.1",
                      "libstdc++.so.6", "libz.so.1", "libcrypto.so.3"}
        with tempfile.TemporaryDirectory() as folder:
            zipfile.ZipFile(os.environ["DELTIC_WHEEL"]).extractall(folder)
            libraries = [path for path in pathlib.Path(folder, "deltic").iterdir() if ".so" in path.name]
            carried = {path.name for path in libraries}
            self.assertEqual(len(carried), 6, carried)
            for path in libraries:
                said = subprocess.run(["readelf", "--wide", "--dynamic", "--section-headers", path], capture_output=True, text=True, check=True).stdout
                needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", said))
                self.assertLessEqual(needed, carried | everywhere, path.name)
                for place in re.findall(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", said):
                    self.assertEqual(place, "$ORIGIN", path.name)
                if needed & carried:
                    self.assertIn("RUNPATH", said, f"{path.name} would look for {needed & carried} elsewhere")
                self.assertNotIn(".symtab", said, f"{path.name} carries names for debuggers")

    @unittest.skipUnless(os.environ.get("DELTIC_WHEEL"), "DELTIC_WHEEL names no wheel: tests/python/run.py does")
    def test_the_wheel_says_of_itself_no_more_than_is_true(self):
        # linux_*: built against this machine's C library, which no manylinux tag promises. abi3: CPython 3.12 and later.
        name = pathlib.Path(os.environ["DELTIC_WHEEL"]).name
        interpreter, abi, platform = name.removesuffix(".whl").split("-")[2:]
        self.assertTrue(platform.startswith("linux_"), name)
        mine = "cp%d%d" % sys.version_info[:2]
        self.assertIn((interpreter, abi), {(mine, mine), ("cp312", "abi3")})


if __name__ == "__main__":
    unittest.main()
