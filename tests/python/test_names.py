"""Proves that what can be imported from the package deltalake can be imported from deltic by the same name, and takes the same
arguments; what is not there yet is listed here, in one place."""
import ast
import importlib
import inspect
import pathlib
import pkgutil
import re
import unittest

import deltalake
import deltic

# Of the operations on rows that are there: names that deltic does not have yet. A name that it has must not be in this list.
NOT_YET: dict[str, list[str]] = {}
# Not to be had, for a reason that stays.
NEVER = {
    # A function table of one release of the Rust engine DataFusion: only its own binaries can fill it.
    "deltalake.table.DeltaTable": ["__datafusion_table_provider__"],
    # Their extension module's own classes, under the module that imports them.
    "deltalake.table": ["PyMergeBuilder", "RawDeltaTable"],
    "deltalake.query": ["PyQueryBuilder"],
    "deltalake.writer.convert_to": ["try_get_deltatable"],
    "deltalake.writer.writer": ["try_get_table_and_table_uri", "write_deltalake_rust"],
    "deltalake.fs.fs_handler": ["RawDeltaTable", "BaseDeltaStorageHandler"],
    # Experimental there, in no stub, and no feature of the protocol.
    "builtins.TableFeatures": ["TimestampNanos"],
}
# Imported there from somewhere else, so that it is no name of theirs.
FOREIGN = ("json", "warnings", "logging", "datetime", "timedelta", "timezone", "date", "annotations", "dataclass", "atexit", "table", "cast",
           "logger", "deprecate_positional_commit_args", "encode_partition_value")


def modules():
    yield "deltalake"
    for module in pkgutil.walk_packages(deltalake.__path__, "deltalake."):
        if not module.name.split(".")[-1].startswith("_"):
            yield module.name


def missing(module):
    listed = NOT_YET.get(module, []) if module in NOT_YET else []
    return None if listed is None else [*listed, *NEVER.get(module, [])]


def ours(name):
    return "deltic" + name[len("deltalake"):]


def own_names(module):
    """The names that are meant: __all__, or what the module defines or takes from its own package."""
    if hasattr(module, "__all__"):
        return sorted(module.__all__)
    found = []
    for name, value in vars(module).items():
        if name.startswith("_") or name in FOREIGN or inspect.ismodule(value):
            continue
        home = getattr(value, "__module__", None)
        if isinstance(value, type) or callable(value):
            if home and not home.startswith("deltalake") and home != "builtins":
                continue
        if name in ("TYPE_CHECKING", "PYARROW_AVAILABLE", "DeltaField", "DeltaSchema", "Union", "Any"):
            continue
        found.append(name)
    return sorted(found)


def stub_classes():
    """The classes of the .pyi file of their extension module: {class: {method: arguments}} and the attributes of each."""
    tree = ast.parse(pathlib.Path(deltalake.__file__).with_name("_internal.pyi").read_text())
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name, node


# For each class of the stub that people meet: where it is in deltic.
PUBLIC_STUBS = {name: f"deltic.schema.{name}" for name in
                ("PrimitiveType", "ArrayType", "MapType", "StructType", "VariantType", "Field", "Schema")}
PUBLIC_STUBS |= {name: f"deltic.exceptions.{name}" for name in
                 ("DeltaError", "TableNotFoundError", "CommitFailedError", "DeltaProtocolError", "SchemaMismatchError")}
PUBLIC_STUBS["TableFeatures"] = "deltic.TableFeatures"
PUBLIC_STUBS["ObjectInputFile"] = "deltic.fs._object_file.ObjectInputFile"
PUBLIC_STUBS |= {name: f"deltic.transaction.{name}" for name in ("Transaction", "RemoveAction")}
# The rest of the stub: what theirs is made of inside, and what is not there yet.
INTERNAL_STUBS = {"RawDeltaTableMetaData", "RawDeltaTable", "DeltaFileSystemHandler", "PyQueryBuilder"}
WRITING_STUBS = {"PyMergeBuilder", "ObjectOutputStream"}


def find(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def is_annotated(kind, name):
    return any(name in vars(base).get("__annotations__", {}) for base in kind.__mro__)


class Names(unittest.TestCase):
    def compare_calls(self, name, theirs, mine):
        """Every argument of theirs is one of ours: by name, in the same place when it can be given by place, optional where theirs is,
        with the same default. What we have beyond must be optional."""
        try:
            wanted, given = inspect.signature(theirs), inspect.signature(mine)
        except (ValueError, TypeError):
            return
        kinds = inspect.Parameter
        places = [p.name for p in given.parameters.values() if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
        for index, parameter in enumerate(wanted.parameters.values()):
            if parameter.kind in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD):
                continue
            with self.subTest(argument=f"{name}({parameter.name})"):
                self.assertIn(parameter.name, given.parameters)
                ours = given.parameters[parameter.name]
                if parameter.kind is kinds.POSITIONAL_OR_KEYWORD:
                    self.assertEqual(places.index(parameter.name), index)
                if parameter.default is not kinds.empty:
                    self.assertEqual(repr(ours.default), repr(parameter.default))  # theirs of create() only looks like True
        for parameter in given.parameters.values():
            if parameter.name not in wanted.parameters and parameter.kind not in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD):
                self.assertIsNot(parameter.default, kinds.empty, f"{name}: {parameter.name} is ours alone and must be optional")

    def compare_classes(self, name, theirs, mine):
        for member in dir(theirs):
            special = member.startswith("_")
            if special and member not in ("__init__", "__datafusion_table_provider__", "__arrow_c_schema__", "__eq__"):
                continue
            if member in (missing(name) or []):
                continue
            if issubclass(theirs, Exception) or hasattr(type, member):
                continue
            with self.subTest(member=f"{name}.{member}"):
                # Their extension module's classes say less of their members than its stub does, which has a test of its own below.
                inside = theirs.__module__ != "deltalake.table" and not theirs.__module__.startswith(("deltalake.query", "deltalake.fs"))
                self.assertTrue(hasattr(mine, member) or (inside and is_annotated(mine, member)), f"{name} has {member}, deltic's has not")
                if inside:
                    continue
                before, after = inspect.getattr_static(theirs, member), inspect.getattr_static(mine, member)
                self.assertEqual(isinstance(before, property), isinstance(after, property))
                if callable(getattr(theirs, member)) and not isinstance(before, property):
                    self.compare_calls(f"{name}.{member}", getattr(theirs, member), getattr(mine, member))

    def test_each_module_has_its_twin_and_each_name_its_namesake(self):
        for name in modules():
            if name in NOT_YET and NOT_YET[name] is None:
                continue
            with self.subTest(module=name):
                theirs, mine = importlib.import_module(name), importlib.import_module(ours(name))
                for each in own_names(theirs):
                    if each in missing(name):
                        continue
                    with self.subTest(name=f"{name}.{each}"):
                        self.assertTrue(hasattr(mine, each), f"{ours(name)} has no {each}")
                        before, after = getattr(theirs, each), getattr(mine, each)
                        if isinstance(before, type):
                            self.compare_classes(f"{before.__module__}.{each}", before, after)
                        elif callable(before):
                            self.compare_calls(f"{name}.{each}", before, after)

    def test_what_is_listed_as_not_there_yet_is_not_there(self):
        for name, listed in NOT_YET.items():
            if listed is None:
                with self.subTest(module=name), self.assertRaises(ImportError, msg=f"{ours(name)} exists: take it off the list"):
                    importlib.import_module(ours(name))
                continue
            owner = find(ours(name)) if name.endswith(".DeltaTable") else importlib.import_module(ours(name))
            for each in listed:
                self.assertFalse(hasattr(owner, each), f"{ours(name)}.{each} exists: take it off the list")
                self.assertTrue(hasattr(find(name) if name.endswith(".DeltaTable") else importlib.import_module(name), each),
                                f"{name} has no {each}")

    def test_the_stub_of_their_extension_module_is_covered(self):
        for name, node in stub_classes():
            if name in INTERNAL_STUBS or name in WRITING_STUBS:
                continue
            mine = find(PUBLIC_STUBS[name])  # a class that is in no list fails here
            for part in node.body:
                with self.subTest(member=f"{name}.{getattr(part, 'name', '')}"):
                    if isinstance(part, ast.FunctionDef):
                        self.assertTrue(hasattr(mine, part.name), f"{name}.{part.name}")
                        accepted = inspect.signature(getattr(mine, part.name)).parameters if part.name != "closed" and part.name != "mode" else None
                        for argument in [*part.args.args, *part.args.kwonlyargs]:
                            if accepted is not None and argument.arg not in ("self", "cls"):
                                self.assertIn(argument.arg, accepted, f"{name}.{part.name}({argument.arg})")
                    elif isinstance(part, ast.AnnAssign) and name != "TableFeatures":
                        attribute = part.target.id
                        self.assertTrue(hasattr(mine, attribute) or is_annotated(mine, attribute), f"{name}.{attribute}")

    def test_table_features_have_the_same_members(self):
        self.assertEqual({each.name: each.value for each in deltic.TableFeatures},
                         {name: name for name in dir(deltalake.TableFeatures) if name[:1].isupper() and name not in NEVER["builtins.TableFeatures"]})

    def test_exceptions_have_the_same_hierarchy(self):
        from deltalake import exceptions as theirs
        from deltic import exceptions as mine
        for name in theirs.__all__:
            bases = [base.__name__ for base in getattr(theirs, name).__mro__]
            self.assertEqual([base.__name__ for base in getattr(mine, name).__mro__], bases)
        for code, kind in mine._BY_CODE.items():
            self.assertTrue(issubclass(kind, mine.DeltaError), code)
            self.assertIn(kind.__name__, mine.__all__)

    def test_each_kind_of_conflict_has_its_class(self):
        from deltic import exceptions
        header = (pathlib.Path(__file__).resolve().parents[2] / "include/deltic/result.h").read_text()
        kinds = re.findall(r"^ +k(\w+)", re.search(r"enum class ConflictKind.*?\n\};", header, flags=re.S)[0], flags=re.M)
        self.assertEqual({number: kind.__name__ for number, kind in exceptions._BY_CONFLICT.items()},
                         {number: f"{kind}Error" for number, kind in enumerate(kinds) if number})
        for kind in exceptions._BY_CONFLICT.values():
            self.assertTrue(issubclass(kind, exceptions.ConflictError) and kind.__name__ in exceptions.__all__)

    def test_protocol_versions_are_the_same_tuple(self):
        from deltalake.table import ProtocolVersions as theirs
        self.assertEqual(deltic.ProtocolVersions._fields, theirs._fields)

    def test_what_theirs_can_read_is_read_here_too(self):
        from deltalake import table as theirs
        from deltic import table as mine
        self.assertLessEqual(theirs.SUPPORTED_READER_FEATURES, mine.SUPPORTED_READER_FEATURES)
        self.assertLessEqual({"columnMapping", "deletionVectors", "v2Checkpoint", "typeWidening"}, mine.SUPPORTED_READER_FEATURES)
        self.assertLessEqual(theirs.MAX_SUPPORTED_READER_VERSION, mine.MAX_SUPPORTED_READER_VERSION)

    def test_what_deltic_does_not_have_says_so(self):
        with self.assertRaises(RuntimeError):
            deltic.enable_nanosecond_timestamps()
        with self.assertRaises(RuntimeError):
            deltic.init_tracing()
        self.assertEqual(deltic.rust_core_version(), deltic.__version__)
        with self.assertWarns(DeprecationWarning):
            deltic.table.DeltaTableConfig(False, 1)

    def test_every_public_name_is_documented(self):
        for module in pkgutil.walk_packages(deltic.__path__, "deltic."):
            if module.name.split(".")[-1].startswith(("_", "lib")):  # the shared libraries lie in the package's folder
                continue
            found = importlib.import_module(module.name)
            self.assertTrue(found.__doc__, module.name)
            for name in getattr(found, "__all__", []):
                value = getattr(found, name)
                if not isinstance(value, type) or not value.__module__.startswith("deltic"):
                    continue
                self.assertTrue(value.__doc__, f"{module.name}.{name}")
                for member, part in vars(value).items():
                    if not member.startswith("_") and callable(getattr(value, member)) and not isinstance(part, type):
                        self.assertTrue(getattr(value, member).__doc__, f"{module.name}.{name}.{member}")


if __name__ == "__main__":
    unittest.main()
