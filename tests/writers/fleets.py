"""Owns what both proofs with fleets of processes need: dice by which a run can be repeated, and the log as it lies on disk."""
import json
import os
import random


def arguments_and_dice(parser):
    """Of the command line; the seed is told."""
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 30)
    print(f"seed {seed}")
    return arguments, random.Random(seed)


def log_of(table):
    """The actions of each commit, in order; fails where a version is missing or cut off."""
    folder = os.path.join(table, "_delta_log")
    log = {}
    for name in os.listdir(folder):
        if len(name) == 25 and name.endswith(".json"):
            with open(os.path.join(folder, name)) as f:
                text = f.read()
            assert text.endswith("\n"), f"{name} is cut off"
            log[int(name[:20])] = [json.loads(line) for line in text.splitlines()]
    assert sorted(log) == list(range(len(log))), "versions are missing"
    return [log[version] for version in range(len(log))]
