#!/usr/bin/env python3
"""Proves that the source tree keeps to src/LAYERS and to the conventions that a script can check.

Reads every #include itself: CMake refuses cycles among folders, this refuses any include that a folder's line does not
name. Does not compile anything but headers, each alone. Does not judge what the code does.
"""
import concurrent.futures
import functools
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import unittest

import shared_cache

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)
GOD_FILE_LINES = 900
# What the project builds on. A new dependency is added here, to tools/setup and to CMakeLists.txt.
EXTERNAL = ("fmt/", "simdjson.h", "nlohmann/", "roaring/", "openssl/", "zlib.h", "CLI/", "editline/", "spdlog/", "gtest/", "gmock/",
            "benchmark/", "curl/")
SYSTEM = ("sys/", "arpa/inet.h", "netinet/", "linux/", "unistd.h", "pwd.h", "fcntl.h", "dlfcn.h", "dirent.h", "csignal", "signal.h", "termios.h", "poll.h",
          "pthread.h", "errno.h", "sanitizer/", "malloc.h", "stdio.h", "string.h", "stdint.h", "stdlib.h", "time.h",
          "limits.h", "locale.h", "langinfo.h", "wchar.h", "math.h", "byteswap.h", "endian.h", "cxxabi.h")


def layers():
    """{folder: set of the folders that it may use}, in the order of the file."""
    found = {}
    for number, line in enumerate((ROOT / "src/LAYERS").read_text().splitlines(), 1):
        match = re.match(r"^([a-z0-9_]+):([^#]*)#\s*\S", line)
        if match:
            found[match[1]] = set(match[2].split())
        elif line.strip() and not line.startswith("#"):
            raise AssertionError(f"src/LAYERS line {number} is not 'folder: folders  # what it owns'")
    return found


def cpp_files(*tops):
    for top in tops:
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in {".cc", ".h"} and path.is_file():
                yield path


def name(path):
    return str(path.relative_to(ROOT))


@functools.cache
def includes(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    return [(match[1] == '"', match[2]) for match in INCLUDE.finditer(text)]


def project_files():
    """Every file that git has or would take, as text where it is text."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True,
                            capture_output=True, check=True).stdout.split("\n")
    for line in sorted(set(listed)):
        path = ROOT / line
        if line and path.is_file():
            yield path


class Layers(unittest.TestCase):
    def test_layers_names_every_folder_and_each_uses_only_lines_above_it(self):
        seen = []
        for folder, uses in layers().items():
            self.assertTrue((ROOT / "src" / folder).is_dir(), f"src/LAYERS names {folder}, which is no folder")
            self.assertEqual(uses - set(seen), set(), f"{folder} uses what is not on a line above it")
            seen.append(folder)
        folders = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
        self.assertEqual(folders - set(seen), set(), "folders that src/LAYERS does not name")

    def test_every_include_of_a_folder_is_its_own_or_named_by_its_line(self):
        wrong = []
        allowed = layers()
        for path in cpp_files("src"):
            folder = path.relative_to(ROOT / "src").parts[0]
            for quoted, target in includes(path):
                if not quoted:
                    continue
                top = target.split("/")[0]
                if "/" not in target or top not in {*allowed, "deltic"}:
                    wrong.append(f"{name(path)}: \"{target}\" (write the folder: \"{folder}/{target}\"?)")
                elif top not in {folder, "deltic", *allowed[folder]}:
                    wrong.append(f"{name(path)}: {target} ({folder}'s line does not name {top})")
                elif not (ROOT / ("include" if top == "deltic" else "src") / target).exists():
                    wrong.append(f"{name(path)}: {target} does not exist")
                elif target.startswith("engine/duckdb/") and not name(path).startswith("src/engine/duckdb/"):
                    wrong.append(f"{name(path)}: {target} (only the engine's plugin sees the inside of engine/duckdb)")
                elif target == "deltic/table.h" and folder != "table":
                    wrong.append(f"{name(path)}: {target} (the facade is above {folder})")
        none(self, wrong)

    def test_nothing_below_is_included_by_path(self):
        wrong = [f"{name(path)}: {target}" for path in cpp_files("src", "include", "apps", "bench", "fuzz", "examples")
                 for _, target in includes(path) if ".." in target.split("/")]
        none(self, wrong)

    def test_only_the_engine_plugin_includes_duckdb(self):
        wrong = [f"{name(path)}: {target}" for path in cpp_files("src", "include", "apps", "bench", "fuzz", "examples")
                 for _, target in includes(path)
                 if re.match(r"(duckdb(/|\.h)|parquet_|multi_file)", target) and not name(path).startswith("src/engine/duckdb/")]
        none(self, wrong)

    def test_public_headers_include_only_public_headers_and_the_standard_library(self):
        wrong = []
        for path in cpp_files("include"):
            for quoted, target in includes(path):
                if (quoted and not target.startswith("deltic/")) or (not quoted and ("/" in target or "." in target)):
                    wrong.append(f"{name(path)}: {target}")
        none(self, wrong)

    def test_external_headers_are_of_known_dependencies(self):
        wrong = []
        for path in cpp_files("src", "apps"):
            if name(path).startswith("src/engine/duckdb/"):
                continue
            for quoted, target in includes(path):
                standard = "/" not in target and "." not in target
                if not quoted and not standard and not target.startswith(EXTERNAL + SYSTEM):
                    wrong.append(f"{name(path)}: <{target}>")
        none(self, wrong)

    def test_every_header_compiles_alone(self):
        """The engine plugin's own headers need DuckDB's, which take long: the plugin's build proves them."""
        headers = [path for path in cpp_files("include", "src", "apps") if path.suffix == ".h" and
                   not name(path).startswith("src/engine/duckdb/")]
        known = pathlib.Path(shared_cache.place("headers"))
        known.mkdir(parents=True, exist_ok=True)
        # A header is compiled again when it or a project header that it reaches changed, in whatever clone it was compiled.
        marks = {path: known / closure_hash(path) for path in headers}
        changed = [path for path in headers if not marks[path].exists()]
        wrong = []
        with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
            for path, text in zip(changed, pool.map(compile_header, changed)):
                if text:
                    wrong.append(text)
                elif closure_hash(path) == marks[path].name:  # it is still what was compiled
                    marks[path].touch()
        none(self, wrong)


class Conventions(unittest.TestCase):
    def test_every_source_file_begins_with_what_it_owns(self):
        wrong = []
        for path in project_files():
            kind = name(path)
            lines = path.read_text(errors="replace").splitlines() if path.suffix in SOURCE_SUFFIXES or (
                kind.startswith("tools/") or kind in {"Makefile", ".ci/run"}) else None
            if lines is None or path.name == "__init__.py":
                continue
            if lines and lines[0].startswith("#!"):
                lines = lines[1:]
            first = next((line for line in lines if line.strip()), "")
            if not first.startswith(("//", "#", '"""', "/*", "'''")) or first.startswith(("#include", "#pragma")):
                wrong.append(kind)
        none(self, wrong)

    def test_headers_have_pragma_once(self):
        wrong = [name(path) for path in cpp_files("src", "include", "apps", "bench", "fuzz", "examples")
                 if path.suffix == ".h" and "#pragma once" not in path.read_text()]
        none(self, wrong)

    def test_no_file_names_this_machine_or_a_registry_host(self):
        # Put together here so that this file does not hold what it forbids.
        hosts = ["registry." + "npmjs", "pypi" + ".org", "python" + "hosted", "repo1." + "maven", "deb." + "debian.org",
                 "proxy." + "golang", "crates" + ".io", "repo.maven." + "apache"]
        folders = ["/wo" + "rk/main", "/wo" + "rk/shared", "/wo" + "rk/.library", "/ro" + "ot/", "/home" + "/"]
        wrong = []
        for path in project_files():
            data = path.read_bytes()
            if b"\0" in data[:8000] or path.name == "LICENSE":
                continue
            for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
                wrong += [f"{name(path)}:{number}: {bad}" for bad in hosts + folders if bad in line]
        none(self, wrong)

    def test_no_folder_is_called_util(self):
        wrong = [name(path) for path in (ROOT / "src").rglob("*") if path.stem in {"util", "utils", "common", "misc", "helpers"}]
        none(self, wrong)

    def test_a_long_file_is_looked_at(self):
        """Only warns: length is a hint that a second noun hides in the file, not a crime."""
        for path in cpp_files("src", "include", "apps"):
            count = len(path.read_text().splitlines())
            if count > GOD_FILE_LINES:
                print(f"warning: {name(path)} has {count} lines: look for the second noun in it")


def none(test, wrong):
    if wrong:
        test.fail(f"{len(wrong)} found:\n  " + "\n  ".join(wrong))


SOURCE_SUFFIXES = {".cc", ".h", ".py", ".cmake", ".sh"}


def closure_hash(path):
    """One hash over the header and every project header that it reaches."""
    found, left = set(), [path]
    while left:
        at = left.pop()
        if at in found or not at.exists():
            continue
        found.add(at)
        for _, target in includes(at):
            left += [ROOT / "include" / target, ROOT / "src" / target, at.parent / target]
    content = hashlib.sha256(" ".join([*COMPILE, compiler()]).encode())
    for at in sorted(found):
        content.update(name(at).encode() + at.read_bytes())
    return content.hexdigest()


COMPILE = ["g++", "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-missing-field-initializers"]


@functools.cache
def compiler():
    return subprocess.run([COMPILE[0], "--version"], capture_output=True, text=True).stdout


def compile_header(path):
    """'' when the header compiles as a file of its own."""
    done = subprocess.run([*COMPILE, "-I", str(ROOT / "include"), "-I", str(ROOT / "src"),
                           "-I", str(ROOT / "apps"), "-x", "c++", "-"], input=f'#include "{path}"\n', text=True, capture_output=True)
    return done.stderr[:2000] if done.returncode or done.stderr else ""


if __name__ == "__main__":
    sys.exit(0 if unittest.main(exit=False).result.wasSuccessful() else 1)
