"""Owns the proof that `deltic repair` and `deltic manifest` do what docs/cli.md says, on real files: what is taken out of a table, what
is never, what delta-rs sees of the table afterwards, and that manifests follow every commit. Runs the program of env DELTIC. Every rule
of a repair is a test of src/vacuum, of manifests one of src/upkeep.
"""
import json
import pathlib
import unittest

import program
from program import CORRUPT, deltic, INVALID, NOT_FOUND, UNSUPPORTED, USAGE

PROPERTY = "delta.compatibility.symlinkFormatManifest.enabled"


class RepairedTable(program.ProgramTest):
    def make(self, *options):
        """Versions 0 and 1: ids 0..8 and 9..17, each in the three partitions of p."""
        for first in (0, 9):
            self.ok("write", self.table, "--quiet", *(options if first == 0 else ()), *(("--partition-by", "p") if first == 0 else ()),
                    "--from", f"select i as id, i % 3 as p from range({first}, {first + 9}) t(i)")

    def live(self):
        return [file["path"] for file in json.loads(self.ok("files", self.table, "--json"))]

    def ids(self, *options):
        return sorted(json.loads(line)["id"] for line in self.ok("cat", self.table, "--format", "json", *options).splitlines())

    def lose(self, pattern):
        lost = sorted(self.table.rglob(pattern))[0]
        lost.unlink()
        return str(lost.relative_to(self.table))

    def repaired(self, *options):
        return json.loads(self.ok("repair", self.table, "--json", *options))


class Repair(RepairedTable):
    def test_lost_files_go_and_the_rest_can_be_read(self):
        import deltalake
        self.make("--property", "delta.enableChangeDataFeed=true")
        lost = self.lose("p=1/*.parquet")
        self.assertEqual(deltic("cat", self.table).returncode, NOT_FOUND)
        told = deltic("repair", self.table, "--dry-run")
        self.assertEqual((told.returncode, told.stdout, told.stderr),
                         (0, f"removed\t{lost}\n", "version 1: 6 files checked, 1 file would be removed\n"))
        done = self.repaired("--user-metadata", "disk 3 died")
        self.assertEqual(done, {"dryRun": False, "changed": True, "version": 2, "filesChecked": 6, "filesRemoved": [lost],
                                "rowsRevivedOf": [], "vectorsLost": [], "damaged": []})
        self.assertEqual(len(self.ids()), 15)
        self.assertEqual(sorted(deltalake.DeltaTable(str(self.table)).to_pyarrow_table()["id"].to_pylist()), self.ids())
        commit = json.loads(self.ok("history", self.table, "--json"))[0]
        self.assertEqual(commit["operation"], "FSCK")
        # Nobody knows which rows went: a feed over this version says so instead of leaving them out.
        feed = deltic("cdf", self.table, "--from", 2)
        self.assertEqual(feed.returncode, NOT_FOUND, feed.stdout + feed.stderr)
        self.assertIn(pathlib.PurePath(lost).name, feed.stderr)
        again = deltic("repair", self.table)
        self.assertEqual((again.returncode, again.stdout, again.stderr), (0, "", "version 2: 5 files checked, 0 files removed\n"))

    def test_a_file_that_comes_back_is_restored(self):
        self.make()
        lost = sorted(self.table.glob("p=1/*.parquet"))[0]
        aside = self.folder / "aside"
        lost.rename(aside)
        self.repaired()
        self.assertEqual(len(self.ids()), 15)
        aside.rename(lost)
        self.ok("restore", self.table, "--version", 1, "--quiet")
        self.assertEqual(self.ids(), list(range(18)))

    def test_a_lost_deletion_vector_waits_for_a_choice(self):
        for choice, outcome, rows in (("remove-files", "filesRemoved", 12), ("revive-rows", "rowsRevivedOf", 18)):
            with self.subTest(choice):
                self.table = self.folder / choice
                self.make("--property", "delta.enableDeletionVectors=true")
                self.ok("delete", self.table, "--where", "id in (1, 10)", "--quiet")
                self.lose("deletion_vector_*.bin")
                refused = deltic("repair", self.table)
                self.assertEqual(refused.returncode, CORRUPT, refused.stdout + refused.stderr)
                for word in ("remove-files", "revive-rows", "2 files have lost their deletion vector"):
                    self.assertIn(word, refused.stderr)
                self.assertEqual(len(self.repaired("--dry-run")["vectorsLost"]), 2)
                done = self.repaired("--lost-vectors", choice)
                self.assertEqual((done["version"], len(done[outcome]), done["changed"]), (3, 2, True))
                self.assertEqual(len(self.ids()), rows)
                self.assertFalse(self.repaired()["changed"])

    def test_damage_is_told_and_taken_out_only_when_asked(self):
        self.make()
        cut = sorted(self.table.glob("p=2/*.parquet"))[0]
        size = cut.stat().st_size
        cut.write_bytes(cut.read_bytes()[:-9])
        name = str(cut.relative_to(self.table))
        done = deltic("repair", self.table)
        self.assertEqual((done.returncode, done.stdout), (0, f"damaged\t{name}: has {size - 9} bytes, the log says {size}\n"))
        self.assertEqual(len(self.live()), 6)
        self.assertEqual(self.repaired("--damaged")["filesRemoved"], [name])
        self.assertEqual(len(self.ids()), 15)

    def test_refusals_touch_nothing(self):
        self.make("--property", "delta.appendOnly=true")
        self.lose("p=1/*.parquet")
        before = sorted(self.folder.rglob("*"))
        for status, text, *options in ((USAGE, "revive-rows", "--lost-vectors", "maybe"), (INVALID, "delta.appendOnly")):
            done = deltic("repair", self.table, *options)
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
            self.assertIn(text, done.stderr)
            self.assertEqual(sorted(self.folder.rglob("*")), before)


class Manifest(RepairedTable):
    def manifests(self):
        """Folder to the live files that its manifest names, relative to the table."""
        root = self.table / "_symlink_format_manifest"
        places = {}
        for path in root.rglob("manifest"):
            lines = path.read_text().splitlines()
            for line in lines:
                self.assertTrue(line.startswith(f"file:{self.table}/"), line)
            places[str(path.parent.relative_to(root))] = sorted(line.removeprefix(f"file:{self.table}/") for line in lines)
        return places

    def live_by_partition(self):
        places = {}
        for path in self.live():
            places.setdefault(path.rsplit("/", 1)[0] if "/" in path else ".", []).append(path)
        return {folder: sorted(paths) for folder, paths in places.items()}

    def test_manifests_name_the_live_files(self):
        self.make()
        self.assertEqual(json.loads(self.ok("manifest", self.table, "--json")),
                         {"version": 1, "manifestsWritten": 3, "manifestsDeleted": 0, "numFiles": 6})
        self.assertEqual(self.manifests(), self.live_by_partition())
        self.ok("delete", self.table, "--where", "p = 1", "--quiet")
        self.assertNotEqual(self.manifests(), self.live_by_partition())
        done = deltic("manifest", self.table)
        self.assertEqual((done.returncode, done.stderr), (0, "version 2: 2 manifests written with 4 files, 1 deleted\n"))
        self.assertEqual(self.manifests(), self.live_by_partition())

    def test_with_the_property_every_commit_leaves_the_manifests_of_its_version(self):
        self.make("--property", f"{PROPERTY}=true")
        self.assertEqual(self.manifests(), self.live_by_partition())
        for command, *options in (("write", "--from", "select 30 as id, 4 as p"), ("delete", "--where", "id < 4"), ("delete", "--where", "p = 4"),
                                  ("update", "--set", "id = id + 100", "--where", "p = 2"), ("optimize",), ("restore", "--version", "0"),
                                  ("write", "--mode", "overwrite", "--from", "select 5 as id, 1 as p"), ("delete", "--all")):
            with self.subTest(f"{command} {options}"):
                self.ok(command, self.table, "--quiet", *options)
                self.assertEqual(self.manifests(), self.live_by_partition())
        self.table = self.folder / "plain"
        self.ok("write", self.table, "--quiet", "--property", f"{PROPERTY}=true", "--from", "select 1 as id")
        self.assertEqual(self.manifests(), self.live_by_partition())
        self.ok("write", self.table, "--quiet", "--from", "select 2 as id")
        self.assertEqual(self.manifests(), self.live_by_partition())
        self.ok("delete", self.table, "--all", "--quiet")
        self.assertEqual(self.manifests(), {".": []})

    def test_tables_that_readers_of_manifests_would_misread_are_refused(self):
        self.make("--property", "delta.enableDeletionVectors=true")
        self.ok("delete", self.table, "--where", "id = 1", "--quiet")
        before = sorted(self.folder.rglob("*"))
        done = deltic("manifest", self.table)
        self.assertEqual(done.returncode, UNSUPPORTED, done.stdout + done.stderr)
        self.assertIn("deletion vector", done.stderr)
        done = deltic("alter", "set", self.table, f"{PROPERTY}=true")
        self.assertEqual(done.returncode, INVALID, done.stdout + done.stderr)
        self.assertIn("delta.enableDeletionVectors", done.stderr)
        self.assertEqual(sorted(self.folder.rglob("*")), before)


if __name__ == "__main__":
    unittest.main()
