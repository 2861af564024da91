"""Reads embeddings as .arrow, .parquet, .npy with pandas, pyarrow, polars, DuckDB and NumPy; prints JSON of what each saw."""
import json
import sys

import numpy as np

folder, columns = sys.argv[1], ["id", "label", "split", "source", "n"]


def numbers(vectors):
    array = np.array([np.asarray(v, dtype=np.float32) for v in vectors], dtype=np.float32)
    return array.view(np.uint32).ravel().tolist()


def plain(values):
    return [None if v is None or v != v else int(v) if isinstance(v, float) else v for v in values]


result = {}
arrow, parquet, npy = (f"{folder}/x.{e}" for e in ("arrow", "parquet", "npy"))
import pandas as pd
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

for name, table in (("pyarrow.arrow", ipc.open_file(arrow).read_all()), ("pyarrow.parquet", pq.read_table(parquet))):
    table.validate(full=True)
    result[name] = {c: table[c].to_pylist() for c in columns}
    result[name]["bits"] = numbers(table["embedding"].to_pylist())
    result[name]["hashes"] = [h.hex() for h in table["content_hash"].to_pylist()]
    result[name]["metadata"] = {k.decode(): v.decode() for k, v in table.schema.metadata.items() if k != b"ARROW:schema"}
    result[name]["types"] = {f.name: str(f.type) for f in table.schema}
for name, frame in (("pandas.arrow", pd.read_feather(arrow)), ("pandas.parquet", pd.read_parquet(parquet))):
    result[name] = {c: plain(frame[c].tolist()) for c in columns}
    result[name]["bits"] = numbers(frame["embedding"])
try:
    import polars as pl

    for name, frame in (("polars.arrow", pl.read_ipc(arrow)), ("polars.parquet", pl.read_parquet(parquet))):
        result[name] = {c: frame[c].to_list() for c in columns}
        result[name]["bits"] = numbers(frame["embedding"].to_list())
except ImportError:
    pass
try:
    import duckdb

    wanted = "id, label::varchar, split::varchar, source, n, embedding"
    table = ipc.open_file(arrow).read_all()
    for name, source in (("duckdb.arrow", '"table"'), ("duckdb.parquet", f"'{parquet}'")):
        if name.endswith("arrow") and sys.argv[2] == "fp16":
            continue  # DuckDB has no half-precision numbers in what it takes from Arrow
        rows = duckdb.sql(f"select {wanted} from {source}").fetchall()
        result[name] = {c: [row[i] for row in rows] for i, c in enumerate(columns)}
        result[name]["bits"] = numbers(row[5] for row in rows)
except ImportError:
    pass
array, frame = np.load(npy), pd.read_csv(f"{folder}/x.rows.csv")
result["numpy"] = {c: plain(frame[c].tolist()) for c in columns}
result["numpy"]["bits"] = numbers(array)
result["numpy"]["dtype"] = str(array.dtype)
print(json.dumps(result))
