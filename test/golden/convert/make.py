"""Vectors as other programs write them: NumPy 2.4, pyarrow 26, polars 2.1, pandas 3.1. Run in this folder."""
import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

rng = np.random.default_rng(5)
X = rng.standard_normal((12, 4)).astype(np.float32)
X[0, 0] = np.float32(1e-40)  # a subnormal number
ids = [f"doc-{i}" for i in range(12)]
labels = ["sport" if i % 3 else "politics" for i in range(12)]
labels[4] = None
splits = ["test" if i >= 9 else "train" for i in range(12)]


def npy(name, array, version=None):
    with open(name, "wb") as file:
        np.lib.format.write_array(file, array, version=version)


npy("v1.npy", X, (1, 0))
npy("v2.npy", X, (2, 0))
npy("v3.npy", X, (3, 0))
npy("f2.npy", X.astype(np.float16))
npy("f8.npy", X.astype(np.float64))
npy("big-endian.npy", X.astype(">f4"))
npy("big-endian-f2.npy", X.astype(">f2"))
npy("i1.npy", (X * 40).astype(np.int8))
npy("fortran.npy", np.asfortranarray(X))
npy("object.npy", np.array([[1, None], ["a", 2]], dtype=object))
npy("fields.npy", np.zeros((3,), dtype=[("a", "<f4"), ("b", "<i4")]))
npy("flat.npy", X[0])
npy("complex.npy", X.astype(np.complex64))
np.savez("archive.npz", X)

table = pa.table(
    {
        "doc": ids,
        "vec": pa.array(X.tolist(), pa.list_(pa.float32())),
        "topic": pa.array(labels).dictionary_encode(),
        "split": splits,
        "n": list(range(12)),
    }
)
fixed = table.set_column(
    1, "vec", pa.FixedSizeListArray.from_arrays(pa.array(X.ravel()), 4)
)
halves = table.set_column(
    1, "vec", pa.FixedSizeListArray.from_arrays(pa.array(X.astype(np.float16).ravel()), 4)
)
pq.write_table(table, "pyarrow-list.parquet", row_group_size=5)
pq.write_table(fixed, "pyarrow-fixed.parquet", data_page_version="2.0", compression="zstd")
pq.write_table(table, "pyarrow-split.parquet", use_dictionary=False, column_encoding={"vec.list.element": "BYTE_STREAM_SPLIT"})
pq.write_table(halves, "pyarrow-half.parquet")
for name, one in {"list": table, "fixed": fixed, "half": halves}.items():
    with ipc.new_file(f"pyarrow-{name}.arrow", one.schema) as writer:
        writer.write_table(one, max_chunksize=5)
    with ipc.new_stream(f"pyarrow-{name}.arrows", one.schema) as writer:
        writer.write_table(one, max_chunksize=5)

columns = {"doc": ids, "topic": labels, "split": splits}
lists = pl.DataFrame({"vec": X.tolist(), **columns}, schema_overrides={"vec": pl.List(pl.Float32), "topic": pl.Categorical})
arrays = pl.DataFrame({"vec": X, **columns})
lists.write_parquet("polars-list.parquet")
lists.write_ipc("polars-list.arrow")
lists.write_ipc_stream("polars-list.arrows")
arrays.write_parquet("polars-array.parquet")
arrays.write_ipc("polars-array.arrow", compression="zstd")
pd.DataFrame({"vec": list(X), **columns}).to_parquet("pandas.parquet")

# Rows that cannot be used: no list, an empty one, a null in it, another length, no number, no id, an id twice.
odd = [v.tolist() for v in X]
odd[1], odd[2], odd[3], odd[5], odd[6] = None, [], [1.0, None, 2.0, 3.0], [1.0, 2.0], [float("nan"), 0, 0, 0]
odd_ids = [*ids]
odd_ids[7], odd_ids[8] = None, "doc-0"
bad = pa.table({"doc": odd_ids, "vec": pa.array(odd, pa.list_(pa.float32())), "topic": labels})
pq.write_table(bad, "bad.parquet", row_group_size=5)
with ipc.new_file("bad.arrow", bad.schema) as writer:
    writer.write_table(bad, max_chunksize=5)
with ipc.new_stream("bad.arrows", bad.schema) as writer:
    writer.write_table(bad, max_chunksize=5)

pq.write_table(pa.table({"id": ids, "text": labels}), "texts.parquet")
pq.write_table(pa.table({"id": ids, "a": X.tolist(), "b": X.tolist()}), "two.parquet")

with open("rows.csv", "w") as file:
    file.write("doc,topic,split\n")
    for row in zip(ids, labels, splits):
        file.write(",".join(cell or "" for cell in row) + "\n")
with open("expected.json", "w") as file:
    json.dump(
        {
            "f4": X.view(np.uint32).ravel().tolist(),
            "f2": X.astype(np.float16).view(np.uint16).ravel().tolist(),
            "i1": (X * 40).astype(np.int8).ravel().tolist(),
            "ids": ids,
            "labels": labels,
            "splits": splits,
        },
        file,
    )
