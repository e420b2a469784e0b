"""Owns the comparison of an output with the one that a page shows. Pure.

In what a page shows, "..." or "…" stands for any text within a line; alone on a line, for any lines. How wide columns are
does not count: runs of spaces, and of dashes, are all the same. Nor do spaces at the ends of lines.
"""
import difflib
import re


def differs(shown, actual, unordered=False):
    """None when the output is as shown, else the difference to print."""
    want, got = clean(shown), clean(actual)
    if unordered:
        want, got = sorted(want), sorted(got)
    if matches(want, got):
        return None
    return "\n".join(difflib.unified_diff(want, got, "the page shows", "it printed", lineterm="", n=1))


def masked(text):
    """An output with dots in the place of what is another at each run: identifiers, times of making, and exact sizes, which
    follow the version of the writer."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(-c000\.\w+(?=\.parquet))?", "...", text)
    text = re.sub(r"\([\d,]+ bytes\)", "(...)", text)
    text = re.sub(r"(?<!under )\b[\d.]+ KiB", "... KiB", text)
    return re.sub(r"^(Created +)\S.*", r"\1...", text, flags=re.M)


def clean(text):
    lines = [re.sub(r"-{2,}", "--", re.sub(r"[ \t]+", " ", line)).rstrip() for line in text.strip("\n").splitlines()]
    return lines


def matches(want, got):
    """Whether the lines are those wanted, where a line of dots matches any number of lines."""
    reach = {0}  # how many lines of `got` the lines of `want` so far may have used
    for line in want:
        if line.strip() in ("...", "…"):
            reach = set(range(min(reach), len(got) + 1))
        else:
            pattern = re.compile(".*".join(re.escape(part) for part in re.split(r"\.\.\.|…", line)), re.S)
            reach = {at + 1 for at in reach if at < len(got) and pattern.fullmatch(got[at])}
        if not reach:
            return False
    return len(got) in reach
