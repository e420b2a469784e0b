"""Owns what a case is: its contenders and the bar of each, as values. Knows no case (read_cases.py and change_cases.py do) and runs
nothing (run.py does).

A bar compares one contender with another, or with a limit. Only ratios and memory bind: the times in the issue are of
another machine.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Contender:
    """`command`: words; "{reader}", "{deltic}", "{package}", "{peer}" and "{NAME}" of a table are filled in by run.py."""

    name: str
    command: list
    # "ms": the step's time as the process itself took it. "wall_ms": the whole process.
    clock: str = "ms"


@dataclass(frozen=True)
class Bar:
    """`of` must be at most `factor` times `over` ("time"), or at most `limit` ("time" in ms, "memory" in MB)."""

    of: str
    measure: str
    over: str = ""
    factor: float = 0
    limit: float = 0

    def text(self):
        if not self.over:
            return f"under {self.limit:g} {'MB' if self.measure == 'memory' else 'ms'}"
        if self.measure == "memory":
            return f"less memory than {self.over}"
        if self.factor < 1:
            return f"{1 / self.factor:g} times faster than {self.over}"
        if self.factor == 1:
            return f"no slower than {self.over}"
        return f"within {self.factor:g} times {self.over}"


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    tables: list
    contenders: list
    bars: list
    note: str = ""
    # Contenders whose answers differ by design (other rows, other texts) are not compared.
    same_answer: list = field(default_factory=list)


def reader(name, *words):
    return Contender(name, ["{reader}", *words])


def peer(name, *words):
    return Contender(name, ["{peer}", *words])


def package(name, *words):
    return Contender(name, ["{package}", *words])


def writer(name, *words):
    return Contender(name, ["{writer}", *words])


def rows(name, step, package_name, table):
    return Contender(name, ["{rows}", step, package_name, "{" + table + "}"])


def program(name, *words):
    return Contender(name, ["{deltic}", *words], clock="wall_ms")
