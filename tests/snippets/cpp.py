"""Owns how the pages' C++ becomes one program: the snippets of a page, in order, are the body of one function; a whole program
(one with a main) is a function of its own. Compiled once against the installed package, run once a page. The examples in the headers' own comments are compiled, not
run: they are fragments about tables that nobody has. Compares nothing.

A fragment may use DELTIC_TRY and DELTIC_CHECK: its function returns deltic::Status. Includes move to the top.
"""
import hashlib
import re
import subprocess

HEAD = """#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include <deltic/changes.h>
#include <deltic/sql.h>
#include <deltic/table.h>
"""

# What each snippet printed ends with a mark of its own.
MARK = "  std::cout << \"\\x1e\\n\" << std::flush; std::fflush(stdout);\n"


def program(pages):
    """The source of a program that runs page number argv[1]. `pages` is a list of lists of snippets."""
    includes, bodies, calls = set(), [], []
    for number, snippets in enumerate(pages):
        body, around = "", ""
        for index, snippet in enumerate(snippets):
            code = re.sub(r"^\s*#include.*$", lambda line: includes.add(line[0].strip()) or "", snippet.code, flags=re.M)
            place = f'#line {snippet.line} "{snippet.page}"\n'
            if re.search(r"^int main\(", code, flags=re.M):
                name = f"Main{number}_{index}"
                code = re.sub(r"^int main\(\s*\)", f"int {name}(int, char**)", code, flags=re.M)
                around += place + re.sub(r"^int main\(", f"int {name}(", code, flags=re.M) + "\n"
                body += f'  {{ char* none[] = {{nullptr}}; if ({name}(0, none) != 0) return deltic::Error(deltic::Code::kInternal, "it failed"); }}\n'
            else:
                body += place + code + "\n"
            body += MARK
        bodies.append(f"namespace page{number} {{\n{around}\ndeltic::Status Run() {{\n{body}  return {{}};\n}}\n}}\n")
        calls.append(f"  if (page == {number}) status = page{number}::Run();\n")
    main = ("int main(int, char** arguments) {\n  const int page = std::stoi(arguments[1]);\n  deltic::Status status;\n" + "".join(calls) +
            "  if (!status.ok()) { std::cerr << status.error().ToString() << \"\\n\"; return 1; }\n  return 0;\n}\n")
    return HEAD + "\n".join(sorted(includes)) + "\n" + "".join(bodies) + main


# What the headers' examples take for granted: an open table, spelt as a value or as a Result, and rows from elsewhere.
CONTEXT = """
struct AnyTable : deltic::Table {
  deltic::Table& operator*() { return *this; }
  deltic::Table* operator->() { return this; }
};
"""


def check_examples(prefix, examples):
    """Compiles the headers' examples, given as (header, code). Answers what is wrong with them."""
    source = "".join(f"#include <deltic/{path.name}>\n" for path in sorted((prefix / "include/deltic").glob("*.h")))
    source += "#include <iostream>\n#include <string>\n" + CONTEXT
    for number, (header, code) in enumerate(examples):
        code = re.sub(r"^\.\.\..*$", "", code, flags=re.M)  # "... and so on"
        source += (f"[[maybe_unused]] int Example{number}(AnyTable& table, ArrowArrayStream& stream) {{\n{{\n#line 1 \"{header}: example\"\n"
                   f"{code}}}\nreturn 0;\n}}\n")
    done = subprocess.run(["g++", "-std=c++20", "-fsyntax-only", "-x", "c++", "-I", prefix / "include", "-"], input=source,
                          capture_output=True, text=True, check=False)
    return [f"an example in a header's comment does not compile:\n{done.stderr[:4000]}"] if done.returncode else []


def build(source, prefix, folder):
    """Compiles it, unless the same was compiled against the same headers before. Answers the program's path."""
    key = hashlib.sha256(source.encode())
    for header in sorted((prefix / "include/deltic").glob("*.h")):
        key.update(header.read_bytes())
    out = folder / f"snippets-{key.hexdigest()[:16]}"
    if out.exists():
        return out
    for old in sorted(folder.glob("snippets-*"), key=lambda path: path.stat().st_mtime)[:-4]:
        old.unlink()
    file = out.with_suffix(".cc")
    file.write_text(source)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", prefix / "lib/pkgconfig/deltic.pc"], check=True, capture_output=True,
                           text=True).stdout.split()
    command = ["g++", "-O0", "-Wall", "-Wno-unused-variable", "-Werror=return-type", file, "-o", out, *flags, f"-Wl,-rpath,{prefix}/lib"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    file.unlink()  # what g++ says names the pages' lines, not the file's
    if done.returncode != 0:
        raise RuntimeError("the pages' C++ does not compile:\n" + done.stderr[:6000])
    return out
