"""Proves that deltic.fs shows the files beside a table to pyarrow as the package deltalake does, reads them right, and refuses to
change them."""
import pickle
import unittest

import deltalake
import deltic
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
from deltalake.fs import DeltaStorageHandler as Theirs
from deltic.exceptions import DeltaError, UnsupportedError
from deltic.fs import DeltaStorageHandler
from tables import Tables


def listing(files, *selectors):
    return [sorted((info.path, info.type, info.size) for info in files.get_file_info(selector)) for selector in selectors]


class Files(Tables):
    def setUp(self):
        self.uri = self.fresh()
        deltalake.write_deltalake(self.uri, pa.table({"id": [1, 2, 3], "p": ["a b", "é/x", None]}), partition_by=["p"])
        self.files, self.theirs = (pafs.PyFileSystem(kind(self.uri)) for kind in (DeltaStorageHandler, Theirs))

    def test_listings_are_those_of_deltalake(self):
        selectors = [pafs.FileSelector("", recursive=True), pafs.FileSelector(""), pafs.FileSelector("_delta_log"),
                     pafs.FileSelector("nothing", allow_not_found=True)]
        self.assertEqual(listing(self.files, *selectors), listing(self.theirs, *selectors))
        names = ["nothing", "_delta_log", "_delta_log/00000000000000000000.json", ""]
        self.assertEqual(listing(self.files, names), listing(self.theirs, names))
        self.assertEqual(self.files.type_name, self.theirs.type_name)
        self.assertIsNotNone(self.files.get_file_info(names[2]).mtime)

    def test_files_are_read_at_any_place(self):
        name = "_delta_log/00000000000000000000.json"
        with open(f"{self.uri}/{name}", "rb") as file:
            want = file.read()
        for open_file in (self.files.open_input_file, self.files.open_input_stream):
            self.assertEqual(open_file(name).read(), want)
        file = self.files.open_input_file("/" + name)
        self.assertEqual((file.size(), file.read(5), file.tell()), (len(want), want[:5], 5))
        file.seek(-4, 2)
        self.assertEqual(file.read(), want[-4:])
        self.assertEqual(file.read(), b"")
        self.assertEqual(file.read_at(7, 3), want[3:10])
        data = deltic.DeltaTable(self.uri).files()
        rows = [pq.read_table(path, filesystem=self.files).num_rows for path in
                [info.path for info in self.files.get_file_info(pafs.FileSelector("", recursive=True)) if info.path.endswith(".parquet")]]
        self.assertEqual(rows, [1] * len(data))

    def test_a_read_beyond_the_file_is_refused(self):
        from deltic.fs._object_file import ObjectInputFile
        file = DeltaStorageHandler(self.uri)._open("_delta_log/00000000000000000000.json")
        self.assertIsInstance(file, ObjectInputFile)
        for place in ((-1, 0), (10**9, 0), (1, 2)):
            with self.assertRaises(OSError):
                file.seek(*place)
        file.close()
        with self.assertRaises(ValueError):
            file.read()

    def test_what_is_not_there_is_not_found(self):
        with self.assertRaises(FileNotFoundError):
            self.files.open_input_file("nothing")
        with self.assertRaises(FileNotFoundError):
            self.files.get_file_info(pafs.FileSelector("nothing"))

    def test_a_path_cannot_leave_the_table(self):
        handler = DeltaStorageHandler(self.uri)
        for path in ("../x", "a/../b", "a//b", "./a", "/.."):
            with self.subTest(path=path):
                with self.assertRaises(ValueError):
                    handler.normalize_path(path)
                with self.assertRaises(ValueError):
                    handler.open_input_file(path)

    def test_nothing_can_be_changed(self):
        name = "_delta_log/00000000000000000000.json"
        for change in (lambda: self.files.copy_file(name, "x"), lambda: self.files.move(name, "x"), lambda: self.files.delete_file(name),
                       lambda: self.files.delete_dir("_delta_log"), lambda: self.files.delete_dir_contents("_delta_log"),
                       lambda: self.files.open_output_stream("x"), lambda: self.files.delete_dir_contents("/", accept_root_dir=True)):
            with self.assertRaises(UnsupportedError):
                change()
        with self.assertRaises(NotImplementedError):
            DeltaStorageHandler(self.uri).open_append_stream("x", {})
        self.assertEqual(self.files.get_file_info(name).type, pafs.FileType.File)

    def test_a_handler_of_an_open_table_looks_at_its_files_and_pickles(self):
        table = deltic.DeltaTable(self.uri)
        for made in (DeltaStorageHandler.from_table(table), DeltaStorageHandler.from_table(table._table, None, {"x": 7})):
            again = pickle.loads(pickle.dumps(made))
            self.assertEqual(again, made)
            self.assertTrue(made.equals(DeltaStorageHandler(self.uri)))
            self.assertEqual(again.get_file_info(["_delta_log"])[0].type, pafs.FileType.Directory)
        self.assertEqual(again.get_file_info(["x"])[0].size, 7)
        self.assertNotEqual(made, DeltaStorageHandler(self.versions))
        with self.assertRaises(DeltaError):
            DeltaStorageHandler("nowhere://x")


if __name__ == "__main__":
    unittest.main()
