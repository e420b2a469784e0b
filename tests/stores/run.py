"""Object stores, as they really are: servers from the package registries, and a proxy between that breaks things.

    python3 tests/stores/run.py            every part
    python3 tests/stores/run.py PART ...   these parts; --list names them

Owns the order of the parts and the closing line. A part is a module part_NAME.py with a function run() that raises when something is not
as it must be and may return a text that sums up. Programs under test lie in $DELTIC_BIN, by default build/release/bin.
"""
import importlib
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

PARTS = ["contract", "race", "dynamo", "conformance", "interop", "simulation", "spark", "spark-hdfs", "network", "cancel", "failover", "kerberos", "commands",
         "secrets", "clones"]


def main():
    wanted = sys.argv[1:] or PARTS
    if wanted == ["--list"]:
        print("\n".join(PARTS))
        return 0
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"there is no part {', '.join(unknown)}; parts: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    passed, failed = 0, []
    for name in wanted:
        begin = time.time()
        try:
            text = importlib.import_module("part_" + name.replace("-", "_")).run()
            passed += 1
            print(f"{name}: {text or 'as it must be'} ({time.time() - begin:.1f} s)", flush=True)
        except Exception:
            traceback.print_exc()
            failed.append(name)
            print(f"{name}: FAILED ({time.time() - begin:.1f} s)", flush=True)
    print(f"{passed} passed, {len(failed)} failed" + (": " + ", ".join(failed) if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
