"""Owns the list of table definitions and the decorator that adds one. Does not make any table."""
import collections

Definition = collections.namedtuple("Definition", "name features make")
ALL = {}


def table(*features):
    """Registers a function as the maker of the table that has the function's name."""
    def register(make):
        ALL[make.__name__] = Definition(make.__name__, list(features), make)
        return make
    return register
