"""Reads an embeddings file with pyarrow, and with polars and DuckDB where they are installed; prints JSON."""
import json
import sys

import pyarrow as pa
import pyarrow.ipc as ipc


def column_json(values):
    return [v.hex() if isinstance(v, bytes) else v for v in values]


path = sys.argv[1]
with pa.OSFile(path, "rb") as file:
    reader = ipc.open_file(file)
    table = reader.read_all()
    batches = [reader.get_batch(i).num_rows for i in range(reader.num_record_batches)]
table.validate(full=True)
result = {
    "schema": {f.name: [str(f.type), f.nullable] for f in table.schema},
    "innerNullable": table.schema.field("embedding").type.value_field.nullable,
    "metadata": {k.decode(): v.decode() for k, v in table.schema.metadata.items()},
    "batches": batches,
    "pyarrow": {name: column_json(table.column(name).to_pylist()) for name in table.column_names},
}
try:
    import polars as pl

    frame = pl.read_ipc(path)
    result["polars"] = {name: column_json(frame[name].to_list()) for name in frame.columns}
except ImportError:
    pass
try:
    import duckdb

    try:
        rows = duckdb.sql("select id, embedding, label::varchar as label, split::varchar as split, source from \"table\"")
        result["duckdb"] = {name: column_json([r[i] for r in rows.fetchall()]) for i, name in enumerate(rows.columns)}
    except duckdb.NotImplementedException as refusal:
        result["duckdbRefuses"] = str(refusal)  # Arrow's float16, which DuckDB 2.0 does not read
except ImportError:
    pass
print(json.dumps(result))
