"""Owns the object stores that a page's examples need: a comment in the page names them, with a bucket each, and they are started anew for
the page's commands, its Python and its C++. Clients find them by the environment, so that examples read as they would anywhere.

  <!-- servers: moto my-bucket, azurite my-container -->
"""
import contextlib
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "stores"))


@contextlib.contextmanager
def started(page):
    """The environment by which clients find the servers that a page asks for; empty for most pages."""
    text = page.read_text() if page.exists() else ""  # pages of the runner's own check are no files
    asked = re.search(r"^<!-- servers: (.+) -->$", text, re.M)
    if not asked:
        yield {}
        return
    import servers

    with contextlib.ExitStack() as stack:
        environment = {}
        for one in asked[1].split(","):
            kind, bucket = one.split()
            environment.update(stack.enter_context(servers.start(kind, bucket)).environment)
        yield environment
