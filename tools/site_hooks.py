"""Owns the pages of the site that no one writes: the C++ reference (from the headers' comments), the options of each command
(from `deltic COMMAND --help`), and the project's CHANGELOG and CONTRIBUTING. mkdocs calls on_files and on_page_markdown, and
on_config, which puts every page of docs/decisions into the menu; see mkdocs.yml.

Does not write into docs/: the pages exist in the build only.
"""
import os
import pathlib
import re
import subprocess
import sys

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cpp_reference

ROOT = pathlib.Path(__file__).resolve().parent.parent


def on_config(config):
    project = next(entry["Project"] for entry in config.nav if "Project" in entry)
    decisions = next(entry["Decisions"] for entry in project if "Decisions" in entry)
    listed = re.findall(r"\]\(([\w-]+\.md)\)", (ROOT / "docs/decisions/README.md").read_text())
    decisions += [f"decisions/{page}" for page in listed]
    return config


def on_files(files, config):
    headers = {path.name: path.read_text() for path in (ROOT / "include/deltic").glob("*.h")}
    pages = {
        "reference/cpp.md": cpp_reference.reference(headers),
        "reference/cli.md": command_line(os.environ.get("DELTIC", str(ROOT / "build/release/bin/deltic"))),
        "changelog.md": moved((ROOT / "CHANGELOG.md").read_text()),
        "contributing.md": moved((ROOT / "CONTRIBUTING.md").read_text()),
    }
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown, **_):
    """Without the comments that are for tests/snippets/run.py."""
    return re.sub(r"^ *<!-- snippet: .*-->\n", "", markdown, flags=re.M)


def command_line(program):
    """One section a command, with its help as it prints it."""
    if not pathlib.Path(program).exists():
        raise PluginError(f"{program} is not built, and its --help is a page: run make build")
    top = help_of(program)
    names = re.findall(r"^  ([a-z][\w-]*) {2,}\S", top[top.index("Subcommands:"):], flags=re.M)
    parts = ["# Options of each command\n",
             "What `deltic --help` and `deltic COMMAND --help` print, taken from the program as it was built. "
             "[The command line](../cli.md) explains them.\n",
             f"```\n{top}\n```\n"]
    for name in names:
        parts.append(f"## {name}\n\n```\n{help_of(program, name)}\n```\n")
        nested = re.search(r"^Subcommands:\n((?:  .*\n?)+)", help_of(program, name) + "\n", flags=re.M)
        for inner in re.findall(r"^  ([a-z][\w-]*) {2,}\S", nested[1], flags=re.M) if nested else []:
            parts.append(f"### {name} {inner}\n\n```\n{help_of(program, name, inner)}\n```\n")
    return "\n".join(parts)


def help_of(program, *command):
    done = subprocess.run([program, *command, "--help"], capture_output=True, text=True, timeout=30, check=False,
                          env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100"})
    if done.returncode != 0:
        raise PluginError(f"deltic {' '.join(command)} --help failed: {done.stderr}")
    return re.sub(r"\n{3,}", "\n\n", done.stdout.strip())


def moved(text):
    """A page of the project's root as one of docs/: its links into docs/ lose the folder."""
    text = re.sub(r"\]\(docs/", "](", text)
    return text.replace("](CHANGELOG.md)", "](changelog.md)").replace("](CONTRIBUTING.md)", "](contributing.md)")
