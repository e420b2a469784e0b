#!/usr/bin/env python3
"""Runs every example of README.md, docs/**/*.md and the Python package's docstrings, and compares what they print with what is
shown.

Each page has folders of its own with fresh copies of the tables that tables.py makes (one for its commands, one for its
Python, one for its C++), in which its examples run in the page's order. The program and the C++ library are installed to
build/snippets first, as a user has them; the Python package is that of the environment that runs this. In code and output,
/data stands for the page's folder. docs/cli.md is compared with the program's --help besides. pages.py says how a page is written; a page needs no entry here.

  run.py [--list] [PAGE ...]      only these pages, e.g. docs/errors.md
  run.py --accept PAGE ...        writes what was printed into the page where it differs (write ? for a new output); read
                                  the difference before you commit it, and put the dots back
"""
import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[2] / "tools")]
import cli_page
import cpp
import cpp_reference
import page_servers
import selfcheck
import tables
from pages import Command, PageError, commands, snippets
from shown import differs, masked

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get("DELTIC_BUILD", ROOT / "build/release"))
OUT = ROOT / "build/snippets"
LIMIT_S = 120
# Pages whose code is not for users of the tables: what they hold is run by other steps, or is no example.
NOT_PAGES = {"docs/benchmarks.md", "docs/protocol_coverage.md"}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--list", action="store_true", help="name the examples and run nothing")
    arguments.add_argument("--accept", action="store_true", help="write the outputs that differ into the pages")
    arguments.add_argument("pages", nargs="*")
    chosen = arguments.parse_args()
    start = time.monotonic()
    try:
        pages = read_pages(chosen.pages)
    except PageError as error:
        print(f"error: {error}")
        return 1
    if chosen.list:
        for page in pages.values():
            for snippet in page:
                print(f"{snippet.where}: {snippet.language}{' (not run: ' + snippet.skip + ')' if snippet.skip else ''}")
        return 0
    install()
    run = run_all(pages)
    if not chosen.pages:
        run.failures += selfcheck.wrong(lambda pages: run_all(pages).failures, snippets)
    if chosen.accept:
        accept(run.differences)
        run.failures = [failure for failure in run.failures if failure not in {d.failure for d in run.differences}]
    for snippet in run.skipped:
        print(f"not run: {snippet.where}: {snippet.skip}")
    for failure in run.failures:
        print(f"\nFAILED {failure}")
    print(f"\n{run.ran} examples of {len(pages)} pages ran, {run.compared} outputs compared, {len(run.skipped)} not run, "
          f"{len(run.failures)} failed ({time.monotonic() - start:.0f} s)")
    return 1 if run.failures else 0


def run_all(pages):
    with tempfile.TemporaryDirectory(prefix="deltic-snippets-") as scratch:
        run = Run(pathlib.Path(scratch), pages)
        run.all()
    return run


def read_pages(names):
    files = [ROOT / name for name in names] or [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")),
                                                 *sorted(ROOT.glob("bindings/python/src/**/*.py"))]
    pages = {}
    for file in files:
        name = str(file.resolve().relative_to(ROOT))
        if name not in NOT_PAGES:
            pages[name] = snippets(name, file.read_text())
    return {name: found for name, found in pages.items() if found}


@dataclasses.dataclass
class Difference:
    failure: str
    page: str
    lines: tuple  # of the page: first, last + 1
    indent: str
    output: str


def accept(differences):
    """Writes outputs into their pages, the last of a page first, so that line numbers stay true."""
    for difference in sorted(differences, key=lambda d: (d.page, d.lines), reverse=True):
        file = ROOT / difference.page
        lines = file.read_text().splitlines()
        first, last = difference.lines
        lines[first - 1:last - 1] = [(difference.indent + line).rstrip() for line in masked(difference.output).strip("\n").splitlines()]
        file.write_text("\n".join(lines) + "\n")


class Run:
    """One run over some pages. Two pages at a time, on threads: `note` is atomic enough (list appends)."""

    def __init__(self, scratch, pages):
        self.scratch, self.pages = scratch, pages
        self.ran = self.compared = 0
        self.failures = []
        self.differences = []
        self.skipped = [snippet for page in pages.values() for snippet in page if snippet.skip]

    def all(self):
        self.tables = self.scratch / "tables"
        self.tables.mkdir()
        tables.make_all(self.tables)
        self.program = None
        self.cpp_pages = {name: found for name, page in self.pages.items()
                          if (found := [s for s in page if s.language == "cpp" and not s.skip])}
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            building = pool.submit(self.build) if self.cpp_pages else None
            checking = pool.submit(self.headers) if building else None
            jobs = [pool.submit(self.page, name, page) for name, page in self.pages.items()]
            for job in jobs:
                job.result()
            if building:
                building.result()
                checking.result()
        if self.program:
            for name, page in self.cpp_pages.items():
                self.cpp(name, page)
        if "docs/cli.md" in self.pages:
            self.failures += cli_page.differences(OUT / "prefix/bin/deltic", (ROOT / "docs/cli.md").read_text())
        self.failures.sort()

    def build(self):
        try:
            self.program = cpp.build(cpp.program(list(self.cpp_pages.values())), OUT / "prefix", OUT)
        except RuntimeError as error:
            self.failures.append(str(error))

    def headers(self):
        examples = [(path.name, code) for path in sorted((OUT / "prefix/include/deltic").glob("*.h"))
                    for code in cpp_reference.examples(path.read_text())]
        self.ran += len(examples)
        self.failures += cpp.check_examples(OUT / "prefix", examples)

    def page(self, name, page):
        ready = [snippet for snippet in page if not snippet.skip]
        shell = [snippet for snippet in ready if snippet.language in ("console", "bash", "file")]
        python = [snippet for snippet in ready if snippet.language in ("python", "file")]
        if any(snippet.language != "file" for snippet in shell):
            self.shell(name, shell)
        if any(snippet.language == "python" for snippet in python):
            self.python(name, python)

    def shell(self, name, page):
        """All commands of a page in one shell, whose output has a mark and the exit status after each command."""
        folder = self.folder(name, "shell")
        script, expected = ["exec 2>&1", "status=0"], []
        for snippet in page:
            if snippet.language == "file":
                write_file(folder, snippet)  # before the first command, which does no harm
                continue
            parts = [Command(snippet.line, snippet.code, snippet.shown, snippet.shown_at)] if snippet.language == "bash" else commands(snippet)
            for command in parts:
                text = command.text
                expected.append((f"{name}:{command.line}", text, command.shown, snippet, command.shown_at))
                body = text.replace("/data/", f"{folder}/")
                if snippet.language == "bash":
                    body = f"set -e\n{body}\nset +e"
                script += ["(exit $status)", body, "status=$?", r"printf '\n\036%d\n' $status"]
        done = self.process(["bash", "-c", "\n".join(script)], folder, name)
        parts = done.stdout.split("\x1e")
        output = parts[0]
        for index, (where, text, shown, snippet, shown_at) in enumerate(expected):
            if index + 1 >= len(parts):
                self.failures.append(f"{where}: {text}\nthe shell ended here (status {done.returncode})\n{output[-3000:]}")
                return
            status, _, rest = parts[index + 1].partition("\n")
            asked = index + 1 < len(expected) and "$?" in expected[index + 1][1]
            failed_as_shown = shown is not None and "error: " in shown
            if status != "0" and not asked and not failed_as_shown:
                self.failures.append(f"{where}: {text}\nexit status {status}\n{output[-3000:]}")
            else:
                self.compare(where, text, shown, shown_at, output.replace(str(folder), "/data"), snippet)
            self.ran += 1
            output = rest

    def python(self, name, page):
        folder = self.folder(name, "python")
        cells = []
        for snippet in page:
            if snippet.language == "file":
                write_file(folder, snippet)
            else:
                cells.append(snippet)
        file = folder.parent / "python.json"
        file.write_text(json.dumps([[s.page, s.line, s.code.replace("/data/", f"{folder}/")] for s in cells]))
        self.outputs(cells, self.process([sys.executable, HERE / "notebook.py", file], folder, name), folder)

    def cpp(self, name, page):
        folder = self.folder(name, "cpp")
        # C++ has the path compiled in: /data/ is not replaced there, and its snippets name tables by relative paths.
        self.outputs(page, self.process([self.program, str(list(self.cpp_pages).index(name))], folder, name), folder)

    def outputs(self, cells, done, folder):
        """Compares the parts of an output that marks separate with what the snippets show."""
        parts = done.stdout.split("\x1e\n")
        for snippet, output in zip(cells, parts):
            if snippet is cells[-1] and len(parts) <= len(cells):
                break
            self.ran += 1
            self.compare(snippet.where, "", snippet.shown, snippet.shown_at, output.replace(str(folder), "/data"), snippet)
        if len(parts) <= len(cells):
            failed = cells[len(parts) - 1]
            self.failures.append(f"{failed.where}: exit status {done.returncode}\n{done.stderr[-3000:]}")

    def compare(self, where, text, shown, shown_at, output, snippet):
        if shown is None:
            return
        self.compared += 1
        difference = differs(shown, output, snippet.unordered)
        if difference is not None:
            self.failures.append(f"{where}: {text}\n{difference}")
            self.differences.append(Difference(self.failures[-1], snippet.page, shown_at, snippet.indent, output))

    def folder(self, name, kind):
        folder = self.scratch / name.replace("/", "_") / kind
        shutil.copytree(self.tables, folder)
        return folder

    def process(self, command, folder, page):
        home = folder.parent / "home"
        home.mkdir(exist_ok=True)
        if not (home / ".local").exists():
            (home / ".local").symlink_to(OUT / "prefix")  # where the pages say that `make install` puts it
        keep = {key: value for key, value in os.environ.items() if key in ("LANG", "TMPDIR", "TERM", "USER")}
        path = [str(OUT / "prefix/bin"), str(pathlib.Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]
        environment = {**keep, "HOME": str(home), "PATH": ":".join(path), "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "PYTHONUTF8": "1"}
        try:
            with page_servers.started(ROOT / page) as found_by:
                return subprocess.run([str(part) for part in command], cwd=folder, env={**environment, **found_by}, capture_output=True,
                                      text=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL, check=False)
        except subprocess.TimeoutExpired as late:
            text = (late.stdout or b"").decode(errors="replace")
            return subprocess.CompletedProcess(command, 124, text, f"it ran longer than {LIMIT_S} s\n{shlex.join(map(str, command))}")


def write_file(folder, snippet):
    file = folder / snippet.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(snippet.code + "\n")


def install():
    """As `make install` does, to a folder of the build."""
    OUT.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(OUT / "prefix", ignore_errors=True)  # else it keeps what an older build had
    done = subprocess.run(["cmake", "--install", BUILD, "--prefix", OUT / "prefix"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"error: installing {BUILD} failed: build it first (make build)\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    done = subprocess.run([OUT / "prefix/bin/deltic", "sql", "select 1"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"error: the build does not work, finish it first (make build): {done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
