import { DataType, type Schema } from "apache-arrow";
import type { ShardRecord } from "./schema.js";

/** Whether metadata tells a shard at all: one of so many, and how many rows there are. */
export function isShardRecord(value: unknown): value is ShardRecord {
  const { index, count, dataset, contents, rows, rejects, position } = (value ?? {}) as Partial<ShardRecord>;
  const [i = 0, n = 0] = [index, count];
  const whole = [i, n, rows, rejects].every((one) => Number.isSafeInteger(one) && one! >= 0);
  const texts = [dataset, contents ?? "", position].every((one) => typeof one === "string");
  return texts && whole && i >= 1 && i <= n;
}

/** Whether a schema has the column with the places of a shard's rows. */
export function hasPositions({ fields }: Schema, { position }: ShardRecord): boolean {
  const type = fields.find(({ name }) => name === position)?.type as DataType | undefined;
  return type !== undefined && DataType.isInt(type) && type.bitWidth === 64;
}
