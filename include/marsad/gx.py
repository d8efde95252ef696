"""Great Expectations' words for suites, imported for half of the price: every process that opens a gate pays it.

Of its 6 s of CPU a third goes to plots and distributions that none of our gates asks for, which are imported here when
first used, and a fifth to a garbage collector that walks all that has been imported, again and again.
"""

from __future__ import annotations

import gc
import sys
import threading
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_PUT_OFF = ("altair", "scipy.stats")
"""What Great Expectations imports for charts of a distribution, and for its distance from another."""


class _Later(ModuleType):
    """A module that is imported when something of it is asked for.

    ``importlib.util.LazyLoader`` does so too, but ``import altair`` itself is a question to it.
    """

    def __getattr__(self, name: str) -> Any:
        own = vars(self)
        with own["_marsad_lock"]:
            spec: ModuleSpec | None = own.pop("_marsad_spec", None)
            if spec is not None and spec.loader is not None:
                try:
                    spec.loader.exec_module(self)
                except BaseException:
                    own["_marsad_spec"] = spec
                    raise
        try:
            return own[name]
        except KeyError:
            # what the module itself says of names it has not
            if callable(lookup := own.get("__getattr__")):
                return lookup(name)
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


def _put_off(name: str) -> None:
    """Have a module imported when first used; nothing happens where it is imported already, or not installed."""
    above, _, own = name.rpartition(".")
    if name in sys.modules or (spec := find_spec(name)) is None:
        return
    module = module_from_spec(spec)
    module.__class__ = _Later
    vars(module).update(_marsad_spec=spec, _marsad_lock=threading.RLock())
    sys.modules[name] = module
    if above:
        setattr(sys.modules[above], own, module)


_is_collecting = gc.isenabled()
gc.disable()
try:
    for _name in _PUT_OFF:
        _put_off(_name)
    import great_expectations.expectations as gxe
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.expectations.expectation import (
        ColumnMapExpectation,
        ColumnPairMapExpectation,
        Expectation,
        MulticolumnMapExpectation,
    )
    from great_expectations.expectations.metrics.map_metric_provider import (
        ColumnMapMetricProvider,
        ColumnPairMapMetricProvider,
        MulticolumnMapMetricProvider,
        column_condition_partial,
        column_pair_condition_partial,
        multicolumn_condition_partial,
    )
    from great_expectations.expectations.row_conditions import Column
finally:
    if _is_collecting:
        gc.enable()

__all__ = [
    "Column",
    "ColumnMapExpectation",
    "ColumnMapMetricProvider",
    "ColumnPairMapExpectation",
    "ColumnPairMapMetricProvider",
    "Expectation",
    "MulticolumnMapExpectation",
    "MulticolumnMapMetricProvider",
    "PandasExecutionEngine",
    "column_condition_partial",
    "column_pair_condition_partial",
    "gxe",
    "multicolumn_condition_partial",
]
