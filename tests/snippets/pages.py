"""Owns what a page's examples are: finds the fenced code of Markdown, also inside content tabs, and says what is to be run,
what is to be written to a file, and what output is promised. Runs nothing and compares nothing.

  ```console              commands after "$ " (continued after "> "), each with the output that it promises, or none
  ```bash                 a script, which must succeed
  ```python, ```cpp       code; the ones of a page follow each other in one process, as in a notebook
  ```text                 right after one of these: the output it promises
  ```LANGUAGE title="F"   the file F in the page's folder, for the commands after it (any language)

A comment on the line before a fence says what is unusual about it: <!-- snippet: skip REASON --> (not run, and counted),
<!-- snippet: unordered --> (the lines of its output come in any order). Fences without a language are drawings.
"""
import dataclasses
import re

RUNNABLE = ("console", "bash", "python", "cpp")
NAMES = {"sh": "bash", "shell": "bash", "py": "python", "c++": "cpp"}
# What gives away a command or a program that stands where nobody runs it.
CODE = re.compile(r"^(\$ |deltic |make |pip |cmake |g\+\+ |import |from \w+ import |#include)")


@dataclasses.dataclass
class Snippet:
    page: str  # its path within the project
    line: int  # of the first line of code
    language: str  # console, bash, python, cpp or file
    code: str
    shown: str | None = None  # the output promised; of console, in the code
    file: str | None = None
    skip: str | None = None  # why it is not run
    unordered: bool = False
    shown_at: tuple | None = None  # the lines of the page that hold `shown`: first, last + 1
    indent: str = ""

    @property
    def where(self):
        return f"{self.page}:{self.line}"


@dataclasses.dataclass
class Command:
    line: int
    text: str
    shown: str | None
    shown_at: tuple | None = None


class PageError(Exception):
    """A page that the runner cannot make sense of, with its line."""


def snippets(page, text):
    """The page's examples in order. Of a Python file, those in its docstrings."""
    found = []
    directive, last = None, None
    lines = text.splitlines()
    i = 0
    while i < len(lines):
        line = lines[i]
        fence = re.match(r"^(\s*)(`{3,}|~{3,})\s*([\w+-]*)\s*(.*)$", line)
        if not fence:
            comment = re.match(r"^\s*<!--\s*snippet:\s*(.*?)\s*-->\s*$", line)
            if comment:
                directive = comment[1]
            elif line.strip():
                if directive is not None and not page.endswith(".py"):
                    raise PageError(f"{page}:{i + 1}: a snippet comment must stand right before its fence")
                last = None
                if not page.endswith(".py") and re.match(r"^ {4,}", line) and CODE.match(line.strip()) and not in_list_or_tab(lines, i):
                    raise PageError(f"{page}:{i + 1}: code that nobody runs: put it into a fence with its language")
            i += 1
            continue
        indent, ticks, language, rest = fence.groups()
        start = i + 1
        i += 1
        while i < len(lines) and not re.match(rf"^\s*{re.escape(ticks[0])}{{{len(ticks)},}}\s*$", lines[i]):
            i += 1
        if i == len(lines):
            raise PageError(f"{page}:{start}: the fence is not closed")
        body = "\n".join(line[len(indent):] if line.startswith(indent) else line.lstrip() for line in lines[start:i])
        i += 1
        last = add(found, last, page, start + 1, NAMES.get(language, language), rest, body, directive, indent)
        directive = None
    return found


def add(found, last, page, line, language, rest, body, directive, indent):
    """Adds what the fence says to the list; answers the snippet that a following output would belong to."""
    title = re.search(r'title="([^"]+)"', rest)
    snippet = Snippet(page, line, language, body, unordered=directive == "unordered", indent=indent)
    if directive and directive.startswith("skip"):
        snippet.skip = directive[4:].strip()
        if not snippet.skip:
            raise PageError(f"{page}:{line}: say why the snippet is skipped")
    elif directive and directive != "unordered":
        raise PageError(f"{page}:{line}: unknown snippet comment: {directive}")
    if title and re.search(r"[./]", title[1]):
        snippet.language, snippet.file = "file", title[1]
        found.append(snippet)
        return None
    if language == "text":
        if last is None:
            raise PageError(f"{page}:{line}: output (text) that follows no snippet; a drawing has no language")
        last.shown, last.shown_at = body, (line, line + len(body.splitlines()))
        last.unordered = last.unordered or snippet.unordered
        return None
    if language in RUNNABLE:
        found.append(snippet)
        return None if language == "console" or snippet.skip else snippet
    if directive:
        raise PageError(f"{page}:{line}: a snippet comment before a fence that is not run ({language or 'no language'})")
    if language == "" and any(CODE.match(text) for text in body.splitlines()):
        raise PageError(f"{page}:{line}: code that nobody runs: name the fence's language")
    return None


def in_list_or_tab(lines, i):
    """Whether the indented line belongs to a list or a tab rather than being code by its indentation."""
    while i >= 0 and (not lines[i].strip() or lines[i].startswith(" ")):
        i -= 1
    return i >= 0 and bool(re.match(r"^(===|!!!|\?\?\?|[-*] |\d+\. )", lines[i]))


def commands(snippet):
    """The commands of a console snippet, with what each shows."""
    found = []
    lines = snippet.code.splitlines()
    i = 0
    while i < len(lines):
        if not lines[i].startswith("$ "):
            raise PageError(f"{snippet.page}:{snippet.line + i}: a console begins with a command: $ ...")
        command = Command(snippet.line + i, lines[i][2:], None)
        i += 1
        while i < len(lines) and re.match(r"^>( |$)", lines[i]):
            command.text += "\n" + lines[i][2:]
            i += 1
        shown, first = [], i
        while i < len(lines) and not lines[i].startswith("$ "):
            shown.append(lines[i])
            i += 1
        if any(line.strip() for line in shown):
            command.shown = "\n".join(shown).strip("\n")
            command.shown_at = (snippet.line + first, snippet.line + i)
        found.append(command)
    return found
