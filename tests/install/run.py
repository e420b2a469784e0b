#!/usr/bin/env python3
"""Installs deltic to an empty prefix, moves the prefix, and builds and runs consumers against it on a table that deltalake
wrote: one by find_package (the project's examples), one by pkg-config, and the installed program itself.

Does not test what the calls answer in depth (unit tests and tests/conformance do): it proves that what is installed is
complete, finds its parts by relative path, and needs nothing of the build tree.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DELTIC_BUILD", ROOT / "build/release"))


def run(*command, **kw):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **kw)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="deltic-install-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        run("cmake", "--install", BUILD, "--prefix", cls.scratch / "first")
        # A prefix that moved finds its parts only if nothing in it is absolute.
        cls.prefix = cls.scratch / "moved"
        (cls.scratch / "first").rename(cls.prefix)
        cls.table = make_table(cls.scratch / "table")
        cls.environment = {k: v for k, v in os.environ.items() if k not in ("DELTIC_ENGINE_DIR", "LD_LIBRARY_PATH")}

    def test_the_prefix_holds_what_the_documentation_lists(self):
        for name in ["bin/deltic", "include/deltic/table.h", "include/deltic/result.h", "include/deltic/arrow.h",
                     "lib/libdeltic.so", "lib/deltic/libdeltic_engine.so", "lib/deltic/libduckdb.so",
                     "lib/cmake/deltic/delticConfig.cmake", "lib/cmake/deltic/delticConfigVersion.cmake",
                     "lib/pkgconfig/deltic.pc", "share/doc/deltic/LICENSE", "share/doc/deltic/LICENSE.duckdb"]:
            self.assertTrue((self.prefix / name).exists(), name)
        self.assertFalse((self.prefix / "lib/deltic/libduckdb.so").is_symlink(), "DuckDB must be a copy, not a link")

    def test_the_prefix_names_neither_the_source_nor_the_build_tree(self):
        for path in self.prefix.rglob("*"):
            if path.is_file() and (path.suffix in {".cmake", ".pc", ".h"} or path.name in {"deltic", "libdeltic.so"}):
                self.assertNotIn(str(ROOT).encode(), path.read_bytes(), path.name)

    def test_the_library_exports_only_its_public_names(self):
        symbols = run("nm", "-DC", "--defined-only", self.prefix / "lib/libdeltic.so").splitlines()
        named = [line.split(" ", 2)[2] for line in symbols if line[17:18] in "TDBR"]
        self.assertTrue(any(name.startswith("deltic::Table::Open(") for name in named), "Table::Open is not exported")
        foreign = [name for name in named if "deltic" not in name and not name.startswith(("_init", "_fini", "std::", "typeinfo", "vtable"))]
        self.assertEqual(foreign, [])

    def test_the_installed_program_reads_a_table(self):
        program = self.prefix / "bin/deltic"
        self.assertIn("0.1.0", run(program, "--version", env=self.environment))
        out = self.scratch / "rows.parquet"
        run(program, "export", self.table, out, env=self.environment)
        import pyarrow.parquet
        self.assertEqual(pyarrow.parquet.read_table(out).num_rows, 5)

    def test_a_consumer_with_find_package_builds_and_runs(self):
        build = self.scratch / "examples"
        run("cmake", "-G", "Ninja", "-S", ROOT / "examples", "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}",
            "-DCMAKE_BUILD_TYPE=Debug")
        run("cmake", "--build", build, "-j2")
        text = run(build / "example_print_rows", self.table, "id >= 2", env=self.environment)
        self.assertIn("id\tname", text)
        self.assertIn("3\tcherry", text)
        self.assertNotIn("apple", text)
        text = run(build / "example_time_travel", self.table, env=self.environment)
        self.assertIn("version 1: WRITE, 5 rows", text)
        self.assertIn("version 0: ", text)
        self.assertIn("asked for version 2: NotFound: ", text)
        text = run(build / "example_explain_filter", self.table, "id >= 4", env=self.environment)
        self.assertIn("2 files, 0 skipped by partition, 1 skipped by statistics, 1 to read", text)
        text = run(build / "example_read_changes", self.table, "2", env=self.environment)
        self.assertIn("nothing new since version 1", text)

    def test_find_package_refuses_another_minor_version(self):
        source = self.scratch / "wants_other"
        source.mkdir()
        (source / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(p LANGUAGES CXX)\nfind_package(deltic 0.2 REQUIRED)\n")
        with self.assertRaisesRegex(AssertionError, "deltic"):
            run("cmake", "-G", "Ninja", "-S", source, "-B", source / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}")

    def test_a_consumer_with_pkg_config_builds_and_runs(self):
        environment = dict(self.environment, PKG_CONFIG_PATH=str(self.prefix / "lib/pkgconfig"))
        self.assertEqual(run("pkg-config", "--modversion", "deltic", env=environment).strip(), "0.1.0")
        flags = run("pkg-config", "--cflags", "--libs", "deltic", env=environment).split()
        program = self.scratch / "by_pkg_config"
        run("g++", ROOT / "tests/install/consumer.cc", "-o", program, *flags, f"-Wl,-rpath,{self.prefix}/lib")
        self.assertEqual(run(program, self.table, env=self.environment).strip(), "5 rows at version 1")


def make_table(path):
    import deltalake
    import pyarrow
    deltalake.write_deltalake(str(path), pyarrow.table({"id": [1, 2, 3], "name": ["apple", "banana", "cherry"]}))
    deltalake.write_deltalake(str(path), pyarrow.table({"id": [4, 5], "name": ["date", None]}), mode="append")
    return path


if __name__ == "__main__":
    sys.exit(0 if unittest.main(exit=False).result.wasSuccessful() else 1)
