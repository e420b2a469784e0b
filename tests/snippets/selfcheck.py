"""Owns the proof that the runner notices what is wrong: a page of examples of which each must fail in its own way, and one of
examples that must pass. A runner that finds nothing would otherwise look like pages without faults.
"""

GOOD = """
```console
$ deltic count events
6
$ deltic count nowhere 2> /dev/null
$ echo $?
12
$ cat file.txt
written by the page
```

```text title="file.txt"
written by the page
```

```python
x = 6
```

```python
print(x)
```

```text
6
```

```cpp
DELTIC_TRY(auto table, deltic::Table::Open("events"));
DELTIC_TRY(auto rows, table.Count());
std::cout << rows << "\\n";
```

```text
6
```
"""

# What each failure's text must hold.
BAD = [
    ("a wrong output of a command", "```console\n$ deltic count events\n7\n```", "+6"),
    ("a command that fails unannounced", "```console\n$ deltic count nowhere 2> /dev/null\n```", "exit status 12"),
    ("a script that fails in the middle", "```bash\nfalse\ntrue\n```", "the shell ended"),
    ("a wrong output of Python", "```python\nprint(1)\n```\n```text\n2\n```", "+1"),
    ("an exception of Python", "```python\nraise ValueError('as told')\n```", "as told"),
    ("a wrong output of C++", "```cpp\nstd::cout << 1;\n```\n```text\n2\n```", "+1"),
    ("an error of C++", "```cpp\nDELTIC_CHECK(deltic::Table::Open(\"nowhere\"));\n```", "NotFound"),
    ("C++ that ends the process", "```cpp\nstd::abort();\n```", "exit status -6"),
]


def wrong(run_pages, snippets):
    """Runs both kinds of pages by `run_pages` (pages -> failures, as text) and says what it failed to notice."""
    pages = {"selfcheck/good.md": snippets("selfcheck/good.md", GOOD)}
    pages |= {f"selfcheck/{i}.md": snippets(f"selfcheck/{i}.md", text) for i, (_, text, _) in enumerate(BAD)}
    failures = run_pages(pages)
    missed = []
    for i, (what, _, expected) in enumerate(BAD):
        of_page = [failure for failure in failures if f"selfcheck/{i}.md" in failure]
        if len(of_page) != 1 or expected not in of_page[0]:
            missed.append(f"the runner did not notice {what}, or said it wrongly: {of_page}")
    return missed + [f"the runner found fault with a right example: {failure}" for failure in failures if "good.md" in failure]
