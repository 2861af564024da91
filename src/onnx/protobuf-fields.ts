import { damaged, type ProtobufReader, WIRE } from "./protobuf-reader.js";

/** Walks the fields; `read` returns false for one that it does not know, which is then kept in `unknown`. */
export function fields(
  reader: ProtobufReader,
  unknown: Uint8Array[] | null,
  read: (field: number, wire: number) => boolean,
): void {
  while (!reader.done) {
    const { field, wire, start } = reader.tag();
    if (read(field, wire)) continue;
    reader.skip(wire);
    if (unknown === null) continue;
    reader.count();
    unknown.push(reader.bytes.subarray(start, reader.position));
  }
}

/** A repeated scalar field: one element, or a packed run of them. */
export function repeated(
  reader: ProtobufReader,
  wire: number,
  single: number,
  read: (reader: ProtobufReader) => void,
): void {
  if (wire === single) read(reader);
  else if (wire === WIRE.bytes) {
    const inner = reader.message();
    while (!inner.done) read(inner);
  } else throw damaged(`wire type ${wire} in a repeated field`, reader.position);
}

/** A `StringStringEntryProto`. */
export function readEntry(reader: ProtobufReader): [key: string, value: string] {
  let key = "";
  let value = "";
  fields(reader, null, (field, wire) => {
    if (field === 1 && wire === WIRE.bytes) key = reader.string();
    else if (field === 2 && wire === WIRE.bytes) value = reader.string();
    else return false;
    return true;
  });
  return [key, value];
}
