"""Log lines that say of which source, day and stage they are, and hold nothing that they should not.

``within`` names what the work in its block is about; every line that is logged in it carries that, whatever module
logs it. Threads that work on the same partition take it along by :func:`carried`. Airflow's tasks have
the same facts bound to Airflow's own logger by :func:`bind_also` (dags/marsad_tasks.py).
"""

from __future__ import annotations

import contextlib
import contextvars
import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from marsad.redact import masked, safe

FIELDS = ("source", "date", "stage", "run")
Binder = Callable[..., contextlib.AbstractContextManager[object]]
_binders: list[Binder] = []
_here: contextvars.ContextVar[dict[str, str] | None] = contextvars.ContextVar("marsad_log", default=None)
P = ParamSpec("P")
R = TypeVar("R")


@contextlib.contextmanager
def within(**facts: str | None) -> Iterator[None]:
    """Lines logged in this block carry these facts: ``source``, ``date``, ``stage``, ``run``."""
    known = {k: v for k, v in facts.items() if v is not None}
    token = _here.set({**(_here.get() or {}), **known})
    try:
        with contextlib.ExitStack() as stack:
            for bind in _binders:
                stack.enter_context(bind(**known))
            yield
    finally:
        _here.reset(token)


def bind_also(bind: Binder) -> None:
    """Tell another logger the same facts: ``bind`` takes them by name and returns a context manager."""
    if bind not in _binders:
        _binders.append(bind)


def about() -> dict[str, str]:
    """What the work going on is about."""
    return dict(_here.get() or {})


def carried(work: Callable[P, R]) -> Callable[P, R]:
    """A function for another thread, whose lines are about what the caller's are about.

    All of the caller's context goes along, Airflow's too; each call has a copy of its own.
    """
    context = contextvars.copy_context()

    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        return context.copy().run(work, *args, **kwargs)

    return inner


class _Facts(logging.Filter):
    """Puts the facts on each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in about().items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


def _facts_of(record: logging.LogRecord) -> dict[str, str]:
    return {name: str(getattr(record, name)) for name in FIELDS if getattr(record, name, None) is not None}


def _error_of(record: logging.LogRecord) -> str | None:
    if not record.exc_info or record.exc_info[0] is None:
        return None
    return safe("".join(traceback.format_exception(*record.exc_info)), keep_lines=True)


class TextFormatter(logging.Formatter):
    """One line a message: level, what it is about, what is said."""

    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={safe(value)}" for name, value in _facts_of(record).items())
        line = f"{record.levelname.lower()}: {f'[{facts}] ' if facts else ''}{safe(record.getMessage())}"
        error = _error_of(record)
        return f"{line}\n{error}" if error else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": safe(record.getMessage()),
            **{name: safe(value) for name, value in _facts_of(record).items()},
        }
        error = _error_of(record)
        if error:
            line["exception"] = error
        return json.dumps(masked(line), ensure_ascii=False)


def configure(form: str = "text", level: str = "warning") -> None:
    """Log to standard error from now on; for the command line, which owns its process.

    Args:
        form: ``text`` or ``json``.
        level: the least of Marsad's own lines; of libraries warnings and up are told.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    handler.addFilter(_Facts())
    handler.set_name("marsad")
    root = logging.getLogger()
    for old in [h for h in root.handlers if h.get_name() == "marsad"]:
        root.removeHandler(old)
    # libraries that set a level of their own (Great Expectations) would speak past the root's
    handler.addFilter(lambda record: record.name.partition(".")[0] == "marsad" or record.levelno >= logging.WARNING)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("marsad").setLevel(level.upper())
