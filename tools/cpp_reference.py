#!/usr/bin/env python3
"""Owns the C++ reference: turns the comments of include/deltic/*.h into Markdown, so that what the site says is what the
headers say. Knows the style of these headers (comments above what they speak of, or at the end of its line), not C++.

  tools/cpp_reference.py > reference.md
"""
import dataclasses
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The order of the page; headers that are not named here follow by name.
FIRST = ["table.h", "changes.h", "sql.h"]
LAST = ["result.h", "arrow.h"]


@dataclasses.dataclass
class Item:
    """Something declared: declarations that stand together under one comment, or a type with its members."""
    kind: str  # "struct", "class", "enum", "function" or "macro"
    name: str
    comment: str
    code: str
    members: list = dataclasses.field(default_factory=list)


def main():
    sys.stdout.write(reference({path.name: path.read_text() for path in (ROOT / "include/deltic").glob("*.h")}))


def reference(headers):
    """The page for headers given as name -> text."""
    order = [name for name in FIRST if name in headers]
    order += sorted(name for name in headers if name not in FIRST and name not in LAST)
    order += [name for name in LAST if name in headers]
    parts = ["# C++ reference\n",
             "What the headers of `include/deltic/` say; `tools/cpp_reference.py` makes this page of their comments. "
             "Everything is in the namespace `deltic`. Fallible calls answer `Result<T>` or `Status`: "
             "[errors](../errors.md).\n"]
    for name in order:
        about, items = parse(headers[name])
        parts.append(f"## `<deltic/{name}>` {{ #{name.replace('.', '-')} }}\n")
        parts.append(prose(about) + "\n")
        last = ""
        for item in items:
            parts.append(render(item, heading=item.name != last))  # overloads share one
            last = item.name
    return "\n".join(parts)


def examples(text):
    """The code in the comment that opens a header."""
    return re.findall(r"^```cpp\n(.*?)^```", prose(parse(text)[0]), flags=re.S | re.M)


def parse(text):
    """The comment that opens a header, and its items."""
    lines = text.splitlines()
    end = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
    about = uncomment(lines[:end])
    return about, parse_items(lines[end:])


def parse_items(lines):
    items = []
    for comment, code in declarations(lines):
        first = code[0]
        kind_name = re.match(r"^(?:template <.*>\s*)?(struct|class|enum class|enum)\s+(?:\[\[\w+\]\]\s+)?(?:DELTIC_EXPORT\s+)?(\w+)",
                             " ".join(code[:2]) if first.startswith("template") else first)
        if first.startswith("#define"):
            if comment:
                name = re.match(r"#define (\w+)", first)[1]
                signature = re.match(r"#define (\w+\([^)]*\))", first)
                items.append(Item("macro", name, comment, signature[1] if signature else name))
        elif kind_name and "{" in " ".join(code):
            kind = kind_name[1].split()[0]
            body = code[next(i for i, line in enumerate(code) if "{" in line) + 1:-1]
            if len(code) == 1:  # enum class E : uint8_t { kA, kB };
                inner = first[first.index("{") + 1:first.rindex("}")]
                mark = ";" if ";" in inner else ","
                body = [part.strip() + mark for part in inner.split(mark) if part.strip()]
            name = kind_name[2]
            if re.search(rf"\b{name}<", " ".join(code[:2])):
                name = re.search(rf"\b({name}<[^>]*>)", " ".join(code[:2]))[1]
            members = fields(body) if kind in ("struct", "enum") else groups(public_part(body))
            items.append(Item(kind, name, comment, first, members))
        elif re.match(r"^(using|typedef)\b", first) or "(" in first:
            code_text = signature_of(code)
            name = re.search(r"(\w+)\s*(?:\(|=)", code_text)
            items.append(Item("function", name[1] if name else code_text, comment, code_text))
    return items


def declarations(lines):
    """(comment, lines of code) for each declaration at the namespace's level."""
    comment, i = [], 0
    while i < len(lines):
        line = lines[i]
        if line.startswith("//"):
            comment.append(line)
            i += 1
        elif not line.strip():
            comment = []
            i += 1
        elif re.match(r"^(#(?!define)|namespace|extern|\}|\{)", line):
            comment = []
            i += 1
        elif line.startswith("#define"):
            end = i
            while lines[end].endswith("\\"):
                end += 1
            yield uncomment(comment), lines[i:end + 1]
            comment, i = [], end + 1
        else:
            end = i
            while not complete(lines[i:end + 1]) and end + 1 < len(lines):
                end += 1
            yield uncomment(comment), lines[i:end + 1]
            comment, i = [], end + 1


def complete(code):
    """Whether the lines are a whole declaration: brackets closed, and an end."""
    text = "\n".join(re.sub(r"//.*", "", line) for line in code)
    open_brackets = sum(text.count(bracket) for bracket in "({") - sum(text.count(bracket) for bracket in ")}")
    return open_brackets == 0 and re.search(r"[;}]\s*$", text) is not None and not text.rstrip().endswith(">")


def public_part(body):
    """The lines of a class body that are public."""
    kept, public = [], False
    for line in body:
        access = re.match(r"^ (public|private|protected):", line)
        if access:
            public = access[1] == "public"
        elif public:
            kept.append(line[2:])
    return kept


def groups(body):
    """The members of a class: declarations that stand together without an empty line are one group, under one comment."""
    found, comment, code, i = [], [], [], 0

    def close():
        nonlocal comment, code
        if code:
            found.append((uncomment(comment), code))
        comment, code = [], []

    while i < len(body):
        line = body[i]
        if not line.strip():
            close()
        elif line.startswith("//"):
            if code:
                close()
            comment.append(line)
        else:
            end = i
            while not complete(body[i:end + 1]) and end + 1 < len(body):
                end += 1
            member = signature_of(body[i:end + 1])
            # What is deltic's own, and what every value has, says nothing to a reader.
            if not re.match(r"^(struct State|using value_type|explicit \w+\(std::shared_ptr|const std::shared_ptr<const State>&|template|const std::shared_ptr<State>)", member):
                code.append(member)
            i = end
        i += 1
    close()
    return found


def fields(body):
    """(declaration, comment) for each field of a struct or value of an enum."""
    found, above = [], []
    for line in body:
        text = line.strip()
        if text.startswith("//"):
            above.append(text)
        elif not text or not re.search(r"[;,]", text):
            above = []
        else:
            code, _, beside = text.partition("//")
            found.append((code.strip().rstrip(";,"), " ".join(" ".join([*uncomment(above).splitlines(), beside]).split())))
            above = []
    return found


def signature_of(code):
    """A declaration without the body it may have, on one line where that fits."""
    text = "\n".join(re.sub(r"\s*//.*", "", line) for line in code)
    depth, end = 0, len(text)
    for i, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "{" and depth == 0:
            end = i
            break
    signature = " ".join(text[:end].split()).rstrip(";").replace("DELTIC_EXPORT ", "")
    signature = re.sub(r"\)\s*:\s+\w+\(.*$", ")", signature)  # what a constructor begins its members with
    return signature + ";"


def uncomment(lines):
    lines = [line.strip() for line in lines]
    return "\n".join(re.sub(r"^// ?", "", line) for line in lines if not line.startswith("// NOLINT"))


def prose(comment):
    """A comment as Markdown: what is indented is code."""
    out, code = [], []
    for line in [*comment.splitlines(), ""]:
        if line.startswith("  ") and line.strip():
            code.append(line[2:])
            continue
        if code:
            language = "cpp" if any(re.search(r"[;{(]", text) for text in code) else "text"
            out += ["", f"```{language}", *code, "```", ""]
            code = []
        out.append(escape(line))
    return "\n".join(out).strip()


def escape(line):
    """Names such as Result<T>, and what Markdown would take for markup, as code."""
    line = re.sub(r"(?<![`\w])([A-Za-z_:]+<[\w:*, <>]+>)", r"`\1`", line)
    return re.sub(r"(?<![`\w/])(_\w+)\b", r"`\1`", line)


def anchor(item):
    return re.sub(r"\W+", "-", item.name).strip("-").lower()


def render(item, heading=True):
    out = [f"### `{item.name}` {{ #{anchor(item)} }}\n"] if heading else []
    if item.kind in ("function", "macro"):
        out.append(f"```cpp\n{item.code}\n```\n")
    if item.comment:
        out.append(prose(item.comment) + "\n")
    if item.kind in ("struct", "enum") and item.members:
        out.append("| " + ("value" if item.kind == "enum" else "field") + " | meaning |\n| --- | --- |")
        out += [f"| `{code.replace('|', chr(92) + '|')}` | {escape(comment).replace('|', chr(92) + '|')} |" for code, comment in item.members]
        out.append("")
    if item.kind == "class":
        for comment, code in item.members:
            out.append("```cpp\n" + "\n".join(code) + "\n```\n")
            if comment:
                out.append(prose(comment) + "\n")
    return "\n".join(out)


if __name__ == "__main__":
    main()
