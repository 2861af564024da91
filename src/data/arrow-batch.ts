import { type Data, DataType, type RecordBatch } from "apache-arrow";

/** Rows of a batch; a batch of nothing but nulls needs no bytes to claim any number. */
const MOST_ROWS = 2 ** 26;

/**
 * Checks that the buffers of a batch hold the rows that it claims: Arrow's reader takes its word.
 * @throws {Error} saying what is wrong.
 */
export function checkBatch({ numRows, data, schema }: RecordBatch): void {
  if (!(numRows >= 0 && numRows <= MOST_ROWS)) throw new Error(`a batch claims ${numRows} rows`);
  for (const [i, child] of data.children.entries()) checkData(child, numRows, schema.fields[i]!.name);
}

function checkData(data: Data, rows: number, column: string): void {
  const short = (what: string): Error =>
    new Error(`column '${column}' has fewer ${what} than its ${rows} rows need`);
  const { type } = data;
  if (data.length < rows) throw short("values");
  if (
    data.nullCount !== 0 &&
    !DataType.isNull(type) &&
    !DataType.isUnion(type) &&
    data.nullBitmap.length * 8 < rows
  ) {
    throw short("marks of nulls");
  }
  if (DataType.isNull(type) || DataType.isUnion(type)) return;
  if (
    DataType.isUtf8(type) ||
    DataType.isBinary(type) ||
    DataType.isLargeUtf8(type) ||
    DataType.isLargeBinary(type)
  ) {
    const { valueOffsets, values } = data as unknown as {
      valueOffsets: ArrayLike<number | bigint>;
      values: Uint8Array;
    };
    if (rows > 0 && valueOffsets.length < rows + 1) throw short("offsets");
    let last = 0;
    for (let i = 0; i <= rows && rows > 0; i++) {
      const offset = Number(valueOffsets[i]);
      if (offset < last || offset > values.length)
        throw new Error(`column '${column}' points outside its bytes`);
      last = offset;
    }
    return;
  }
  if (DataType.isStruct(type)) {
    for (const child of data.children) checkData(child, rows, column);
    return;
  }
  if (DataType.isBool(type)) {
    if (data.values.length * 8 < rows) throw short("bytes");
    return;
  }
  if (DataType.isDictionary(type) || DataType.isInt(type) || DataType.isFloat(type)) {
    if (data.values.length < rows) throw short("bytes");
  }
}
