import { fields } from "./protobuf-fields.js";
import { ProtobufReader, WIRE } from "./protobuf-reader.js";

/** A reader over each message of one field number among fields that were kept as bytes. */
export function fieldsNumbered(kept: readonly Uint8Array[], wanted: number): ProtobufReader[] {
  return kept.flatMap((bytes) => {
    const found: ProtobufReader[] = [];
    const reader = new ProtobufReader(bytes);
    fields(reader, null, (field, wire) => {
      if (field !== wanted || wire !== WIRE.bytes) return false;
      found.push(reader.message());
      return true;
    });
    return found;
  });
}
