import { dataType } from "./decode-tensor.js";
import type { DataType, ValueInfo } from "./model.js";
import { fields } from "./protobuf-fields.js";
import { damaged, type ProtobufReader, WIRE } from "./protobuf-reader.js";

/** Reads a `ValueInfoProto`. */
export function readValueInfo(reader: ProtobufReader): ValueInfo {
  let name = "";
  let info: Omit<ValueInfo, "name"> = { dtype: "undefined", shape: null };
  fields(reader, null, (field, wire) => {
    if (field === 1 && wire === WIRE.bytes) name = reader.string();
    else if (field === 2 && wire === WIRE.bytes) info = readType(reader.message());
    else return false;
    return true;
  });
  return { name, ...info };
}

function readType(reader: ProtobufReader): Omit<ValueInfo, "name"> {
  const whole = reader.bytes.subarray(reader.position, reader.end);
  let tensor: Omit<ValueInfo, "name"> | undefined;
  fields(reader, null, (field, wire) => {
    if (field !== 1 || wire !== WIRE.bytes) return false;
    const inner = reader.message();
    let dtype: DataType = "undefined";
    let shape: (number | string)[] | null = null;
    fields(inner, null, (innerField, innerWire) => {
      if (innerField === 1 && innerWire === WIRE.varint) dtype = dataType(inner.enumeration()) ?? "undefined";
      else if (innerField === 2 && innerWire === WIRE.bytes) shape = readShape(inner.message());
      else return false;
      return true;
    });
    tensor = { dtype, shape };
    return true;
  });
  return tensor ?? { dtype: "undefined", shape: null, otherType: whole };
}

function readShape(reader: ProtobufReader): (number | string)[] {
  const shape: (number | string)[] = [];
  fields(reader, null, (field, wire) => {
    if (field !== 1 || wire !== WIRE.bytes) return false;
    const inner = reader.message();
    let dimension: number | string = "?";
    fields(inner, null, (innerField, innerWire) => {
      if (innerField === 1 && innerWire === WIRE.varint)
        dimension = sizeOrUnknown(inner.int64(), inner.position);
      else if (innerField === 2 && innerWire === WIRE.bytes) dimension = inner.string();
      else return false;
      return true;
    });
    shape.push(dimension);
    return true;
  });
  return shape;
}

/** Some exporters write -1 for a size that they do not know. */
function sizeOrUnknown(size: number | bigint, offset: number): number | string {
  if (size < 0) return "?";
  if (typeof size === "number") return size;
  throw damaged(`a dimension of ${size}`, offset);
}
