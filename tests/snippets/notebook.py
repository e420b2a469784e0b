"""Owns the process that runs a page's Python examples, one after the other in one namespace, and marks in its output where
each ends. Reads [[name, line, code], ...] as JSON from the file it is given. Does not judge what they print.
"""
import json
import sys

namespace = {"__name__": "__main__"}
with open(sys.argv[1], encoding="utf-8") as file:
    cells = json.load(file)
for name, line, code in cells:
    # Empty lines in front: a traceback then names the page's own line.
    exec(compile("\n" * (line - 1) + code, name, "exec", dont_inherit=True), namespace)
    print("\x1e", flush=True)
