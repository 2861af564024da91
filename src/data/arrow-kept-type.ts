import { DataType } from "apache-arrow";
import type { KeptType } from "./kept-columns.js";

/**
 * How the values of an Arrow column are kept: integers of up to 64 bits (unsigned ones up to 32) as int64, floats as
 * float64, booleans as they are, everything else that is a single value as text; null for lists and objects.
 */
export function arrowKeptType(declared: DataType): KeptType | null {
  const type: DataType = DataType.isDictionary(declared) ? declared.dictionary : declared;
  if (DataType.isInt(type)) return type.isSigned || type.bitWidth < 64 ? "int64" : "utf8";
  if (DataType.isFloat(type)) return "float64";
  if (DataType.isBool(type)) return "bool";
  return type.children?.length > 0 ? null : "utf8";
}
