"""Writes fixtures/label-lists.*: the same five rows with a list of labels each (one empty, one null), by several writers.

Run: python test/golden/data/label_lists.py   (pyarrow 21, polars 1, duckdb 1)
"""

import pathlib

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parent / "fixtures"
rows = {
    "id": ["1", "2", "3", "4", "5"],
    "text": ["one row", "two rows", "three rows", "four rows", "five rows"],
    "tags": [["drama", "comedy"], [], None, ["größe"], ["drama", "drama", " war "]],
    "years": [[1999], [], None, [2001, 1999], [5]],
}
table = pa.table(rows, schema=pa.schema([("id", pa.string()), ("text", pa.string()), ("tags", pa.list_(pa.string())), ("years", pa.list_(pa.int64()))]))
pq.write_table(table, folder / "label-lists-pyarrow.parquet")
feather.write_feather(table, folder / "label-lists-pyarrow.feather", compression="uncompressed")
pl.from_arrow(table).write_parquet(folder / "label-lists-polars.parquet")
connection = duckdb.connect()
connection.register("t", table)
connection.execute(f"COPY (SELECT * FROM t) TO '{folder / 'label-lists-duckdb.parquet'}' (FORMAT parquet)")
