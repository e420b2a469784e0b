"""Owns the comparison of docs/cli.md with what the program says of itself: each command has its section and its row in the
table of commands, each option of a command is named on the page, and the page names no option that does not exist.
"""
import re
import subprocess


def differences(program, page):
    """What the page lacks or has too much, as messages."""
    commands = commands_of(help_of(program))
    wrong, known = [], {"--help", "--version"}
    sections = set(re.findall(r"^## ([\w-]+)$", page, flags=re.M))
    rows = set(re.findall(r"^\| \[`([\w-]+)`\]\(#", page, flags=re.M))
    for command in commands:
        if command not in sections:
            wrong.append(f"docs/cli.md has no section \"## {command}\"")
        if command not in rows:
            wrong.append(f"docs/cli.md's table of commands has no row for {command}")
        for path in [(command,), *((command, inner) for inner in commands_of(help_of(program, command)))]:
            for option in options_of(help_of(program, *path)):
                known.add(option)
                if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", page):
                    wrong.append(f"docs/cli.md does not name {option}, an option of deltic {' '.join(path)}")
    for gone in sorted(rows - set(commands)):
        wrong.append(f"docs/cli.md lists the command {gone}, which deltic --help does not name")
    for option in sorted(set(re.findall(r"`[^`\n]*?(?<![\w-])(--[a-z][\w-]*)", page)) - known):
        wrong.append(f"docs/cli.md names {option}, which no command has")
    return wrong


def commands_of(text):
    after = re.search(r"^Subcommands:\n((?:  .*\n?)+)", text + "\n", flags=re.M)
    return re.findall(r"^  ([a-z][\w-]*) {2,}\S", after[1], flags=re.M) if after else []


def options_of(text):
    return re.findall(r"(?:^|,)(--[a-z][\w-]*)", re.sub(r"^  +", "", text, flags=re.M), flags=re.M)


def help_of(program, *command):
    return subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=True, timeout=30).stdout
