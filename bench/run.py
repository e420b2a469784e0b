#!/usr/bin/env python3
"""Owns the run of the benchmarks: every contender side by side, the table of results, and docs/benchmarks.md.

    python3 bench/run.py [--only CASE ...] [--rounds N] [--peers-only] [--no-docs] [--package FOLDER]

Each contender runs as a fresh process: one warm-up, then `rounds` times in turn (A B C A B C ...), so that a slow moment
of the machine hits all of them. The median counts. A missed bar is shown, never an error: no time may fail a test. A
contender that fails or answers something else than the others is an error.
Builds the bench preset and the inputs (make_data.py) when they are missing. read_cases.py and change_cases.py say
what is measured.
"""

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from importlib import metadata

from change_cases import CHANGE_CASES
from read_cases import READ_CASES

CASES = READ_CASES + CHANGE_CASES

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
DATA = os.path.join(ROOT, "build", "bench-data")
BIN = os.path.join(ROOT, "build", "bench", "bin")
RESULTS = os.path.join(DATA, "results.json")
DOCUMENT = os.path.join(ROOT, "docs", "benchmarks.md")
BEGIN, END = "<!-- results: written by bench/run.py -->", "<!-- end of results -->"
PACKAGES = ["deltalake", "duckdb", "duckdb_extension_delta", "pandas", "polars", "pyarrow", "pyroaring", "tpchgen-cli"]
PACKAGES.append("duckdb_extension_tpcds")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=[case.name for case in CASES], metavar="CASE")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bin", default=BIN, help="where the programs are (default: the bench preset's)")
    parser.add_argument("--package", metavar="FOLDER", help="where the package deltic is (default: a wheel built from this tree)")
    parser.add_argument("--peers-only", action="store_true", help="measure the peers alone")
    parser.add_argument("--no-docs", action="store_true", help="leave docs/benchmarks.md and the kept results alone")
    options = parser.parse_args()

    python = peers_python()
    if not options.peers_only:
        build(options.bin)
    cases = [case for case in CASES if not options.only or case.name in options.only]
    tables = sorted({table for case in cases for table in case.tables})
    if tables:
        subprocess.run([python, os.path.join(HERE, "make_data.py"), "--only", *tables], check=True)
    if not options.peers_only and any({"{package}", "{rows}"} & set(contender.command) for case in cases for contender in case.contenders):
        os.environ["PYTHONPATH"] = options.package or install_package(python)
    commands = {
        "{package}": [python, os.path.join(HERE, "package.py")],
        "{rows}": [python, os.path.join(HERE, "rows.py")],
        "{reader}": [os.path.join(options.bin, "bench_reader")],
        "{writer}": [os.path.join(options.bin, "bench_writer")],
        "{deltic}": [os.path.join(options.bin, "deltic")],
        "{peer}": [python, os.path.join(HERE, "peers.py")],
    }
    measure = os.path.join(options.bin, "bench_measure")
    kept = json.load(open(RESULTS)) if os.path.exists(RESULTS) else {}
    wrong = False
    for case in cases:
        result = run_case(case, commands, measure, options)
        print(case_table(case, result), flush=True)
        wrong = wrong or bool(result["errors"])
        kept[case.name] = result
    if not options.no_docs and not options.peers_only:
        with open(RESULTS, "w") as out:
            json.dump(kept, out, indent=1)
        write_document(kept)
    return 1 if wrong else 0


def peers_python():
    """A Python that has the peers: this one, or an environment of our own."""
    if all(has_package(name) for name in PACKAGES):
        return sys.executable
    environment = os.path.join(ROOT, ".cache", "bench-venv")
    python = os.path.join(environment, "bin", "python")
    requirements = os.path.join(HERE, "requirements.txt")
    stamp = os.path.join(environment, "requirements.txt")
    if not (os.path.exists(stamp) and open(stamp).read() == open(requirements).read()):
        print("setting up the peers in .cache/bench-venv", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
        with open(stamp, "w") as out:
            out.write(open(requirements).read())
    return python


def install_package(python):
    """The package of this tree, in a folder of its own: built as a wheel (quick when nothing changed)."""
    folder = os.path.join(ROOT, "build", "bench-package")
    with tempfile.TemporaryDirectory() as wheels:
        environment = {**os.environ, "PYTHON": python}
        subprocess.run([os.path.join(ROOT, "tools", "python"), "--wheel", wheels], check=True, env=environment)
        wheel = os.path.join(wheels, os.listdir(wheels)[0])
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, wheel], check=True)
    return folder


def has_package(name):
    try:
        metadata.version(name)
        return True
    except metadata.PackageNotFoundError:
        return False


def build(folder):
    programs = ("bench_reader", "bench_writer", "bench_measure", "deltic")
    if folder != BIN or all(os.path.exists(os.path.join(BIN, name)) for name in programs):
        return
    subprocess.run([os.path.join(ROOT, "tools", "build"), "bench"], cwd=ROOT, check=True)


def run_case(case, commands, measure, options):
    """{"date", "load", "contenders": {name: {"time", "best", "wall", "cpu", "memory"}}, "errors": [text]}."""
    contenders = [c for c in case.contenders if not options.peers_only or c.command[0] == "{peer}"]
    tables = {"{" + name + "}": os.path.join(DATA, name) for name in case.tables}
    samples = {contender.name: [] for contender in contenders}
    errors, answers = {}, {}
    load = os.getloadavg()[0]
    for turn in range(options.rounds + 1):
        for contender in contenders:
            if contender.name in errors:
                continue
            words = [word for part in contender.command for word in commands.get(part, [tables.get(part, part)])]
            sample, error = run_once(measure, words)
            if error:
                errors[contender.name] = f"{contender.name}: {error}"
                continue
            sample["time"] = sample[contender.clock]
            answers[contender.name] = sample.get("result")
            if turn > 0:
                samples[contender.name].append(sample)
    failed = list(errors.values())
    given = {answers[name] for name in case.same_answer if name in answers}
    if len(given) > 1:
        failed.append(f"different answers: {', '.join(f'{name}: {answers.get(name)}' for name in case.same_answer)}")
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "load": load,
        "rounds": options.rounds,
        "contenders": {name: summary(rows) for name, rows in samples.items() if rows and name not in errors},
        "errors": failed,
    }


def run_once(measure, words):
    """One process; answers its numbers, or (None, the last line it said)."""
    with tempfile.NamedTemporaryFile("r", suffix=".json") as out:
        done = subprocess.run([measure, out.name, *words], capture_output=True, text=True)
        if done.returncode != 0:
            return None, done.stderr.strip()
        sample = json.load(out)
    if sample["exit"] != 0:
        lines = (done.stderr.strip() or "no message").splitlines()
        return None, f"exit status {sample['exit']}: {lines[-1][:300]}"
    last = done.stdout.strip().splitlines()[-1:]
    if last and last[0].startswith("{") and '"ms"' in last[0]:
        sample.update(json.loads(last[0]))
    return sample, None


def summary(rows):
    def median(key):
        return statistics.median(row[key] for row in rows)

    return {
        "time": median("time"),
        "best": min(row["time"] for row in rows),
        "wall": median("wall_ms"),
        # The step's where it says so: of the whole process it is mostly Python's imports.
        "cpu": median("step_cpu_ms" if "step_cpu_ms" in rows[0] and rows[0]["time"] == rows[0].get("ms") else "cpu_ms"),
        "memory": max(row["rss_kb"] for row in rows) / 1024,
    }


def judge(bar, contenders):
    """(what came out, met / missed / not measured)."""
    of, over = contenders.get(bar.of), contenders.get(bar.over)
    if of is None or (bar.over and over is None):
        return "", "not measured"
    if bar.over:
        ratio = of[bar.measure] / over[bar.measure]
        unit = "memory" if bar.measure == "memory" else "time"
        shown = f"{1 / ratio:.3g} times faster" if unit == "time" and ratio < 1 else f"{ratio:.3g} times the {unit}"
        if bar.measure == "time":
            shown += f" (processor: {of['cpu'] / over['cpu']:.2g} times)"
        return shown, "met" if ratio <= bar.factor else "**missed**"
    unit = "MB" if bar.measure == "memory" else "ms"
    return f"{of[bar.measure]:.3g} {unit}", "met" if of[bar.measure] <= bar.limit else "**missed**"


def case_table(case, result):
    lines = [f"### {case.name}", "", f"{case.title}.", ""]
    lines += ["| contender | time | best | whole process | processor | peak memory |", "|---|---|---|---|---|---|"]
    for contender in case.contenders:
        row = result["contenders"].get(contender.name)
        if row:
            times = " | ".join(milliseconds(row[key]) for key in ("time", "best", "wall", "cpu"))
            lines.append(f"| {contender.name} | {times} | {row['memory']:.0f} MB |")
    lines += ["", "| bar | came out | verdict |", "|---|---|---|"]
    for bar in case.bars:
        shown, verdict = judge(bar, result["contenders"])
        lines.append(f"| {bar.of}: {bar.text().strip()} | {shown} | {verdict} |")
    lines.append("")
    if case.note:
        lines += [case.note, ""]
    lines += [f"ERROR: {error.replace(ROOT + os.sep, '')}" for error in result["errors"]]
    lines += [f"Measured {result['date']}, load average before {result['load']:.1f}.", ""]
    return "\n".join(lines)


def milliseconds(value):
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def machine():
    model = platform.machine()
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo") as info:
        gigabytes = int(info.readline().split()[1]) / 1024 / 1024
    return f"{model}, {os.cpu_count()} cores, {gigabytes:.0f} GB, Linux {platform.release().split('-')[0]}"


def versions():
    code = "import importlib.metadata as m, sys; print(', '.join(f'{n} {m.version(n)}' for n in sys.argv[1:]))"
    peers = subprocess.run([peers_python(), "-c", code, *PACKAGES[:4]], capture_output=True, text=True, check=True)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return f"deltic at commit {commit.stdout.strip()}; {peers.stdout.strip()}"


def write_document(kept):
    with open(DOCUMENT) as file:
        text = file.read()
    head, rest = text.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    lines = [BEGIN, "", f"Machine: {machine()}. Versions: {versions()}.", ""]
    lines += ["| case | bar | came out | verdict |", "|---|---|---|---|"]
    measured = [case for case in CASES if case.name in kept]
    for case in measured:
        for bar in case.bars:
            shown, verdict = judge(bar, kept[case.name]["contenders"])
            lines.append(f"| {case.name} | {bar.of}: {bar.text().strip()} | {shown} | {verdict} |")
    lines.append("")
    lines += [case_table(case, kept[case.name]) for case in measured]
    with open(DOCUMENT, "w") as out:
        out.write(head + "\n".join(lines) + END + tail)


if __name__ == "__main__":
    sys.exit(main())
