"""SQL expressions are run in DuckDB and SQLite, on tables that hold all edges."""

import sqlite3

import duckdb
import numpy as np
import pytest

from tests.formats.exported import DEEPEST, EVERYTHING, HOSTILE, TABLE, agree, application, close, sample, without_infinities
from tests.formats.strategies import genomes, mild_constant
from tests.formats.twin import values
from vgp.errors import InputError
from vgp.export import to_sql
from vgp.export.sql import DIALECTS, quoted_column
from vgp.formula import parse
from vgp.layout import FUNCTIONS

NAMES = ["a", "x1", "odd name", "sin", 'b`c"d']
exact_functions = genomes(mild_constant, max_leaves=12)


class Engine:
    """A table t with these columns, and expressions on its rows in their order."""

    def __init__(self, dialect, names, table):
        self.dialect, self.names = dialect, names
        self.connection = sqlite3.connect(":memory:") if dialect == "sqlite" else duckdb.connect(config={"threads": 1})
        engine = DIALECTS[dialect]
        columns = "".join(f"{quoted_column(name, engine.quote)} {engine.type}, " for name in names)
        self.connection.execute(f"CREATE TABLE t({columns}the_row INTEGER)")
        rows = [[*map(float, row), i] for i, row in enumerate(table.T)]
        self.connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * (len(names) + 1))})", rows)

    def select(self, expression):
        found = self.connection.execute(f"SELECT {expression} FROM t ORDER BY the_row").fetchall()
        return np.array([np.nan if value is None else value for (value,) in found], float)

    def values(self, genome, **settings):
        return self.select(to_sql(genome, self.names, dialect=self.dialect, **settings))


@pytest.fixture(scope="module", params=sorted(DIALECTS))
def engine(request):
    engine = Engine(request.param, NAMES, TABLE)
    yield engine
    engine.connection.close()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_with_its_edges(engine, name):
    """Infinities as well: 1/log(0) is 0."""
    close(engine.values(application(name)), values(application(name), TABLE))


def test_random_formulas_have_their_values_and_never_fail(engine):
    for genome in [parse(EVERYTHING), *sample(exact_functions, 200)]:
        agree(engine.values(genome), genome, without_infinities)


@pytest.mark.parametrize(
    "formula",
    [
        *("1/(1/x0)", "exp(log(x0 - x0))", "min(1/(x0 - x0), 3)", "if(log(-1 - x0^2), 1, 2)", "(sqrt(x0) < x1) + (x0 >= sqrt(x1))"),
        *("pow(sqrt(-1 - x0^2), x1)", "1^x0", "x0^0", "(x0 - x0)^x1", "2/0", "log(0)*0", "-(-x0)", "3 - -x0", "-2 - -3", "0.1*x0"),
        *("max(sqrt(x0), 1)", "min(sqrt(x0), 1)", "1/0 < x0", "x0 < 1e300", "-1e300*x0*1e300 >= x1", "sin(2^31 + x0)"),
    ],
)
def test_undefined_and_infinite_parts_in_defined_wholes(engine, formula):
    agree(engine.values(parse(formula)), parse(formula), without_infinities)


@pytest.mark.parametrize("shape", DEEPEST.values(), ids=DEEPEST)
def test_the_deepest_genomes_run(engine, shape):
    """SQLite's parser gives up at some dozens of levels, and a text that repeats operands would have 2^255 of them."""
    expression = to_sql(parse(shape), NAMES, dialect=engine.dialect)
    assert len(expression) < 60_000
    close(engine.select(expression), values(parse(shape), TABLE))


def test_slope_and_intercept_are_part_of_it(engine):
    close(engine.values(parse("x0*0"), slope=-2.5, intercept=0.1), values(parse("0.1 + -2.5*(x0*0)"), TABLE))


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_hostile_names_stay_names(dialect):
    names = [name for name in HOSTILE if name] + ['"; DROP TABLE t; --', "'", "`", "select", "t", "_t1", "__t0", "-- no", "[b]"]
    table = np.random.default_rng(0).normal(0, 2, (len(names), 50))
    engine = Engine(dialect, names, table)
    genome = parse(" + ".join(f"sin(exp(aq(x{i}, {i} + x0)))" for i in range(len(names))))
    close(engine.values(genome), values(genome, table))


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_columns_may_be_of_any_numeric_type(dialect):
    """1/2 is 0 among integers of SQLite, and an integer's square may be too large for one."""
    engine = Engine(dialect, ["a"], np.zeros((1, 1)))
    engine.connection.execute("DELETE FROM t")
    engine.connection.execute("ALTER TABLE t ADD COLUMN b BIGINT")
    engine.connection.execute("INSERT INTO t VALUES (0, 0, 9000000000000000000), (0, 1, 2)")
    got = engine.select(to_sql(parse("1/x1 + x1*x1"), ["a", "b"], dialect=dialect))
    np.testing.assert_allclose(got, [81e36, 4.5])


@pytest.mark.parametrize("formula", ["max(x0, 1)", "min(x0, 1)", "x0 + 1", "sin(x0)", "log(x0)", "1/x0"])
def test_a_missing_value_has_no_value(engine, formula):
    expression = to_sql(parse(formula), dialect=engine.dialect)
    (got,) = engine.connection.execute(f"SELECT {expression} FROM (SELECT NULL AS x0) AS u").fetchone()
    assert got is None or np.isnan(got)


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_a_column_that_is_not_there_is_an_error(dialect):
    """SQLite takes a name in double quotes that is no column for a text, and a text for 0."""
    with pytest.raises((sqlite3.OperationalError, duckdb.BinderException)):
        Engine(dialect, ["a"], np.zeros((1, 1))).select(to_sql(parse("x0 + 1"), ["b"], dialect=dialect))


@pytest.mark.parametrize("names", [["", "b"], ["a\0", "b"], ["Mass", "mass"]])
def test_names_that_sql_cannot_have_are_refused(names):
    with pytest.raises(InputError, match="rename"):
        to_sql(parse("x0 + x1"), names)


def test_unknown_dialects_are_refused_with_the_known_ones():
    with pytest.raises(InputError, match="choose one of duckdb, sqlite"):
        to_sql(parse("x0"), dialect="oracle")
