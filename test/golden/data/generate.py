"""Writes the fixtures of test/data/tables.test.ts with writers that are not ours.

    pip install pyarrow polars duckdb pandas && python test/golden/data/generate.py

Every table holds the same six rows (see ROWS); the test compares what is read, value by value: there is no tolerance.
"""

import datetime
import decimal
import gzip
import json
import pathlib
import sqlite3

import duckdb
import polars
import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet as pq

OUT = pathlib.Path(__file__).parent / "fixtures"
OUT.mkdir(exist_ok=True)

TEXTS = ["plain words", "é 漢字 😀", 'a "quote", a\nbreak', None, "", "the last one"]
COLUMNS = {
    "id": pa.array([1, 2, 3, 4, 5, 2**60], pa.int64()),
    "text": pa.array(TEXTS, pa.string()),
    "label": pa.array(["good", "bad", "good", "bad", None, "good"]).dictionary_encode(),
    "stars": pa.array([4.5, 1.0, None, 2.0, 3.0, 5.0], pa.float64()),
    "small": pa.array([1, 2, 3, None, 5, 6], pa.int8()),
    "flag": pa.array([True, False, None, True, False, True]),
    "day": pa.array([datetime.date(2024, 5, 17 + i) for i in range(6)], pa.date32()),
    "at": pa.array([datetime.datetime(2024, 5, 17, 10, 30, i) for i in range(6)], pa.timestamp("us")),
    "price": pa.array([decimal.Decimal("12.50"), decimal.Decimal("-0.05"), None] + [decimal.Decimal("1.00")] * 3, pa.decimal128(9, 2)),
    "raw": pa.array([b"\x89PNG\r\n\x1a\n" + bytes([i]) for i in range(6)], pa.binary()),
    "image": pa.array(
        [{"bytes": b"\xff\xd8\xff" + bytes([i]), "path": f"{i}.jpg"} for i in range(6)],
        pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
    ),
    "tags": pa.array([["a"], [], None, ["b", "c"], ["d"], []], pa.list_(pa.string())),
}
TABLE = pa.table(COLUMNS)

for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
    pq.write_table(TABLE, OUT / f"pyarrow-{codec}.parquet", compression=codec, row_group_size=4)
pq.write_table(TABLE, OUT / "pyarrow-v2.parquet", data_page_version="2.0", version="2.6", write_page_index=True)
flat = TABLE.drop_columns(["image", "tags"]).set_column(2, "label", TABLE["label"].cast(pa.string()))
polars.from_arrow(flat).write_parquet(OUT / "polars.parquet", compression="zstd", row_group_size=4)

with pa.ipc.new_file(OUT / "pyarrow.arrow", TABLE.schema) as writer:
    writer.write_table(TABLE, max_chunksize=4)
with pa.ipc.new_stream(OUT / "pyarrow.arrows", TABLE.schema) as writer:
    writer.write_table(TABLE, max_chunksize=4)
for codec in ["lz4", "zstd"]:
    pyarrow.feather.write_feather(TABLE, OUT / f"pyarrow-{codec}.feather", compression=codec)
polars.from_arrow(flat).write_ipc(OUT / "polars.arrow", compression="uncompressed")

connection = duckdb.connect()
connection.register("arrow", flat)
connection.execute("CREATE TABLE rows AS SELECT * FROM arrow")
connection.execute(f"COPY rows TO '{OUT / 'duckdb.parquet'}' (FORMAT parquet, COMPRESSION zstd)")
connection.execute(f"COPY rows TO '{OUT / 'duckdb.jsonl.gz'}' (FORMAT json, COMPRESSION gzip)")
connection.close()

path = OUT / "sqlite.sqlite"
path.unlink(missing_ok=True)
database = sqlite3.connect(path)
database.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT, label TEXT, stars REAL, raw BLOB)")
for row in flat.select(["id", "text", "label", "stars", "raw"]).to_pylist():
    database.execute("INSERT INTO rows VALUES (:id, :text, :label, :stars, :raw)", row)
database.execute("CREATE VIEW short AS SELECT id, text FROM rows WHERE id < 3")
database.execute("CREATE TRIGGER never AFTER INSERT ON rows BEGIN DELETE FROM rows; END")
database.commit()
database.execute("VACUUM")
database.close()

# A Zstandard file by another implementation, larger than one block.
lines = "".join(json.dumps({"id": i, "text": f"row number {i} " + "and so on " * (i % 7)}) + "\n" for i in range(3000))
pa_out = pa.BufferOutputStream()
with pa.CompressedOutputStream(pa_out, "zstd") as stream:
    stream.write(lines.encode())
(OUT / "pyarrow.jsonl.zst").write_bytes(pa_out.getvalue().to_pybytes())
