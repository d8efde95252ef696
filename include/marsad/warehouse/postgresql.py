"""PostgreSQL through ADBC: rows by binary COPY into the tables, all in one transaction.

Lists of texts are ``text[]``: analysts unnest and index them. Lists of structs (images) are ``jsonb``: a composite type
could not gain a field without a lock on every table that has it. Two loads of one partition wait for each other at an
advisory lock; loads of different partitions do not meet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Set
from itertools import count

import adbc_driver_manager.dbapi as dbapi
import adbc_driver_postgresql.dbapi
import pyarrow as pa

from marsad.clean.record import ARTICLES
from marsad.curate.record import DUPLICATES
from marsad.dataset import Dataset
from marsad.errors import NeverError
from marsad.extract.record import MENTIONS, QUOTATIONS
from marsad.partition import Partition
from marsad.warehouse.adbc import Adbc, json_texts
from marsad.warehouse.address import Address
from marsad.warehouse.dialect import Dialect, primary_key
from marsad.warehouse.fold import postgres_function
from marsad.warehouse.registry import ARTICLE_SEARCH, TABLES

_TOKENS = (
    "tokens tsvector GENERATED ALWAYS AS (setweight(to_tsvector('simple', title), 'A') || "
    "setweight(to_tsvector('simple', lead), 'B') || setweight(to_tsvector('simple', body), 'D')) STORED"
)
_INDEXES: dict[Dataset, tuple[tuple[str, str], ...]] = {
    # the key begins with the day and the source, so what asks for those, and joins by all three, needs no other
    ARTICLES: (("article", "(article_id)"),),
    QUOTATIONS: (("speaker", "((coalesce(speaker_name, speaker)), date)"),),
    MENTIONS: (("name", "(name, date)"),),
    DUPLICATES: (("original", "(original_id)"),),
    ARTICLE_SEARCH: (("tokens", "USING gin (tokens)"),),
}


_DATA_TYPES = {"timestamptz": "timestamp with time zone", "text[]": "ARRAY"}
"""What the information schema calls our types, where it has another name."""


class PostgresDialect(Dialect):
    """PostgreSQL's SQL."""

    name = "PostgreSQL"

    def type_of(self, kind: pa.DataType) -> str:
        """Lists of texts are arrays, everything else that is nested is JSON."""
        if pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
            return "text[]"
        return "jsonb" if pa.types.is_nested(kind) else self.types[kind]

    def constraint(self, dataset: Dataset) -> str:
        """The key; search has a column that the server makes."""
        return f"{f', {_TOKENS}' if dataset is ARTICLE_SEARCH else ''}{primary_key(self, dataset)}"

    def create(self, dataset: Dataset) -> Iterator[str]:
        """The table and its indexes."""
        yield from super().create(dataset)
        for name, what in _INDEXES.get(dataset, ()):
            index = self.ident(f"{dataset.name}_{name}")
            yield f"CREATE INDEX IF NOT EXISTS {index} ON {self.table(dataset.name)} {what}"

    def functions(self) -> Iterator[str]:
        """``marsad_fold`` and ``search_articles``."""
        fold, search = self.table("marsad_fold"), self.table("search_articles")
        yield postgres_function().replace("marsad_fold", fold, 1)
        yield f"COMMENT ON FUNCTION {fold} IS 'A text as article_search has it: folded words, without the article.'"
        yield f"DROP FUNCTION IF EXISTS {search}"
        yield (
            f"CREATE FUNCTION {search}(query text) "
            "RETURNS TABLE (article_id text, source text, date date, rank double precision) "
            "LANGUAGE sql STABLE PARALLEL SAFE AS $$\n"
            "SELECT s.article_id, s.source, s.date, ts_rank(s.tokens, asked)::double precision\n"
            f"FROM {self.table('article_search')} s, plainto_tsquery('simple', {fold}(query)) AS asked\n"
            "WHERE s.tokens @@ asked\n$$"
        )
        yield f"COMMENT ON FUNCTION {search} IS 'Stories that have all words of the query, with their rank.'"


class PostgreSQL(Adbc):
    """A PostgreSQL database that is open."""

    takes_nul = False
    # connection lost, transaction rolled back, no resources, locked, operator's intervention
    passing_states = ("08", "40", "53", "55P03", "57P")
    mends = (
        ("28P01", "mend the user or the password of its address"),
        ("password authentication failed", "mend the user or the password of its address"),
        ("no password supplied", "put the password into its address"),
        ("28000", "mend the user of its address, or the server's pg_hba.conf"),
        ("no pg_hba.conf entry", "let this machine in: the server's pg_hba.conf"),
        ("3D000", "create the database, or mend its address"),
        # a refused connection has no code, only words
        (r'database "[^"]*" does not exist', "create the database, or mend its address"),
        ("42501", "grant what is missing: CREATE on the database once, then on the schema"),
        ("permission denied", "grant what is missing: CREATE on the database once, then on the schema"),
        ("invalid connection option", "mend its address"),
        ("invalid URI", "mend its address"),
    )

    def __init__(self, address: Address) -> None:
        self.dialect = PostgresDialect(address.schema)
        super().__init__(address)

    def connect(self) -> dbapi.Connection:
        """Open the connection."""
        connection: dbapi.Connection = adbc_driver_postgresql.dbapi.connect(self.address.uri)
        return connection

    def greet(self) -> None:
        """Notices would go to standard error; instants are shown as what they are."""
        self.run("SET client_min_messages = warning")
        self.run("SET TimeZone = 'UTC'")
        self.commit()

    def placed(self, sql: str) -> str:
        """``?`` as ``$1`` and so on."""
        numbers = count(1)
        return "".join(f"${next(numbers)}" if c == "?" else c for c in sql)

    def lock(self, partition: Partition) -> None:
        """Wait until no other load has this partition."""
        self._lock(f"marsad {self.dialect.schema} {partition}")

    def _lock(self, name: str) -> None:
        self.ask(f"SELECT pg_advisory_xact_lock(hashtextextended({self.dialect.literal(name)}, 0))::text")

    def _check_types(self) -> None:
        """Refuse columns that somebody has given another type: binary COPY would put the bytes of ours into them."""
        d = self.dialect
        sql = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = ?"
        found = {(table, column): kind for table, column, kind in self.ask(sql, [d.schema])}
        for dataset in TABLES:
            for f in dataset.schema:
                kind, wanted = found.get((dataset.name, f.name)), d.type_of(f.type)
                if kind is not None and kind != _DATA_TYPES.get(wanted, wanted):
                    raise NeverError(
                        f"warehouse {self.address}: column {dataset.name}.{f.name} is {kind}, not {wanted}; "
                        "change it back, or drop the table and load its days again"
                    )

    def prepare(self) -> None:
        """Make what is not there yet, or is of another version; one load at a time does."""
        self._check_types()
        if not self._missing():
            return
        self._lock(f"marsad {self.dialect.schema}")
        schema = self.dialect.schema
        if not self.ask(f"SELECT 1 FROM pg_namespace WHERE nspname = {self.dialect.literal(schema)}"):  # noqa: S608
            # IF NOT EXISTS asks for the right to create even where it exists
            self.run(f"CREATE SCHEMA {self.dialect.ident(schema)}")
        for sql in self._missing():  # asked again: another load may have made it while we waited
            self.run(sql)

    def _wanted(self) -> str:
        """The digest of today's schema."""
        return hashlib.sha256("\n".join(self.dialect.prepare({}, is_stale=True)).encode()).hexdigest()

    def is_stale(self, there: Mapping[str, Set[str]]) -> bool:
        """Whether comments, functions and views are of another version."""
        table = self.dialect.table("_schema")
        return "_schema" not in there or self.ask(f"SELECT digest FROM {table}") != [(self._wanted(),)]  # noqa: S608

    def _missing(self) -> list[str]:
        """The statements that make the schema what it should be; none where it is."""
        d, there = self.dialect, self.there()
        table, is_stale = d.table("_schema"), self.is_stale(there)
        made = d.prepare(there, is_stale=is_stale)
        if is_stale:
            made += [
                f"CREATE TABLE IF NOT EXISTS {table} (digest text)",
                f"DELETE FROM {table}",  # noqa: S608
                f"INSERT INTO {table} VALUES ({d.literal(self._wanted())})",  # noqa: S608
            ]
        return made

    def carried(self, dataset: Dataset, table: pa.Table) -> pa.Table:
        """Structs as JSON."""
        table = super().carried(dataset, table)
        for n, f in enumerate(dataset.schema):
            if self.dialect.type_of(f.type) == "jsonb":
                texts = pa.ExtensionArray.from_storage(pa.json_(pa.string()), json_texts(table.column(n)))
                table = table.set_column(n, f.name, texts)
        return table
