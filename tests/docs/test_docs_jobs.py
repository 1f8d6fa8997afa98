"""The recipes of docs/jobs.md for Spark and Dask do what they say, run by hand on frames like pandas'."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

PAGE = Path(__file__).parents[2] / "docs/jobs.md"
TEXTS = ["Cup final", None, "Heavy rain tonight", "", "The bank cut its interest rate"]
LABELS = ["sport", None, "weather", None, "economy"]


class Column(list):
    """What the recipes use of pandas.Series."""

    def __init__(self, values=(), index=None, dtype=None):
        super().__init__(values)
        self.index, self.dtype = index, dtype

    def fillna(self, value):
        return Column([value if item is None else item for item in self], self.index, self.dtype)

    def tolist(self):
        return list(self)


class Frame(dict):
    """What they use of pandas.DataFrame: columns by name, of one length."""

    def __init__(self, columns, index=None):
        super().__init__({name: Column(values, index) for name, values in columns.items()})
        assert len({len(values) for values in self.values()}) == 1
        self.index = index

    def assign(self, **columns):
        assert all(column.index is self.index for column in columns.values())
        return Frame({**self, **columns}, self.index)


def frame(first, last):
    ids = [str(number) for number in range(first, last)]
    return Frame({"id": ids, "text": TEXTS[first:last]}, index=ids[::-1])


@pytest.fixture
def recipe(monkeypatch, base_model_path):
    """Run the block of the page that names a function, for articles of our own."""
    pandas = ModuleType("pandas")
    pandas.DataFrame, pandas.Series = Frame, Column
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    def run(named, articles):
        names = {"articles": articles}
        for block in blocks:
            if "mapInPandas" in block or named in block:
                code = block.replace("/models/desk", str(base_model_path))
                exec(code if named in block else code.partition("labelled =")[0], names)
        return names["labelled"]

    return run


def test_spark(recipe):
    def map_in_pandas(function, *, schema):
        assert schema == "id string, label string, probability double"
        return list(function(iter([frame(0, 2), frame(2, 5)])))

    labelled = recipe("mapInPandas", SimpleNamespace(mapInPandas=map_in_pandas))
    assert [label for part in labelled for label in part["label"]] == LABELS
    assert [number for part in labelled for number in part["id"]] == ["0", "1", "2", "3", "4"]
    assert all(0 < p <= 1 for part in labelled for p in part["probability"])


def test_dask(recipe):
    def map_partitions(function, model, *, meta):
        assert list(meta) == ["id", "text", "label"]
        return [function(part, model) for part in (frame(0, 2), frame(2, 5))]

    articles = SimpleNamespace(_meta=Frame({"id": [], "text": []}), map_partitions=map_partitions)
    labelled = recipe("map_partitions", articles)
    assert [label for part in labelled for label in part["label"]] == LABELS
    assert [text for part in labelled for text in part["text"]] == TEXTS
