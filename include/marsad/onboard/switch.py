"""Switching a source on and off in its own file, so that the decision is written where the facts are."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import yaml

from marsad.errors import InvalidSource, UnknownSource, UsageError
from marsad.sources import Source, read_source

_ENABLED = re.compile(r"^is_enabled:[^\n#]*", re.M)
_TERMS = re.compile(r"^terms:[^\n]*\n(?:[ \t]+[^\n]*\n)*", re.M)


def file_of(name: str, folders: Iterable[Path]) -> Path:
    """The file a source is written in.

    Raises:
        UnknownSource: no folder has it.
    """
    tried = [folder / f"{name}.yaml" for folder in folders]
    for path in tried:
        if path.is_file():
            return path
    raise UnknownSource(f"unknown source {name!r}; `marsad sources list` shows all")


def enable(path: Path, *, by: str, on: date, note: str | None = None) -> Source:
    """Switch a source on, and write who read its terms, and when.

    The rest of the file stays as it is, comments and all; it is replaced in one step.

    Args:
        path: the source's file.
        by: who looked at the terms.
        on: the day they did.
        note: what they say of reuse, robots, or an agreement.

    Raises:
        UsageError: nobody is named, the source has closed, or the file cannot be written.
        InvalidSource: the file was not a source to begin with.
    """
    if not by.strip():
        raise UsageError("say who read the site's terms: --by NAME")
    before = read_source(path)
    if before.closed_on is not None:
        raise UsageError(f"source {before.name} closed on {before.closed_on}; past days can be run without enabling it")
    terms: dict[str, str] = {"read_on": on.isoformat(), "by": by.strip()}
    if note:
        terms["note"] = note
    said = yaml.safe_dump(terms, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10_000).strip()
    return _rewrite(path, "true", f"terms: {said}\n")


def disable(path: Path) -> Source:
    """Switch a source off; what was written of its terms stays.

    Raises:
        UsageError: the file cannot be written.
        InvalidSource: the file was not a source to begin with.
    """
    read_source(path)
    return _rewrite(path, "false", None)


def _rewrite(path: Path, value: str, terms: str | None) -> Source:
    text = path.read_text(encoding="utf-8")
    if not text.endswith("\n"):
        text += "\n"
    if terms is not None:
        text = _TERMS.sub("", text)
    if _ENABLED.search(text):
        text = _ENABLED.sub(lambda m: f"is_enabled: {value}{' ' if m[0].endswith(' ') else ''}", text, count=1)
    else:
        text += f"is_enabled: {value}\n"
    if terms is not None:
        line = _ENABLED.search(text)
        end = text.index("\n", line.start()) + 1 if line else len(text)
        text = text[:end] + terms + text[end:]
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(path.stat().st_mode & 0o777)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror}); "
            "copy it into a folder of yours and name that in MARSAD_SOURCES"
        ) from None
    candidate = Path(temporary)
    try:
        _check(candidate, path)
        candidate.replace(path)
    finally:
        candidate.unlink(missing_ok=True)
    return read_source(path)


def _check(candidate: Path, path: Path) -> None:
    """What is about to be written must be a source."""
    data = yaml.load(candidate.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    try:
        Source.model_validate(data)
    except ValueError as error:
        raise InvalidSource(f"{path}: cannot be edited line by line: {error}; edit it by hand") from None
