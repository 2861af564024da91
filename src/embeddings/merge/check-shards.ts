import { HeadstartError } from "../../core/errors.js";
import type { ShardRecord } from "../file/schema.js";
import type { MergeInput } from "./merge-inputs.js";

/**
 * Checks that the files are all shards of one data set, each once.
 * @returns their records, in the order of the files; null where none is a shard.
 * @throws {HeadstartError} `data`, naming the file, where one is of another data set, version of it or number of shards, there twice,
 * or missing, and where only some are shards.
 */
export function checkShards(inputs: readonly MergeInput[]): ShardRecord[] | null {
  const [first] = inputs as [MergeInput, ...MergeInput[]];
  const plain = inputs.find(({ file }) => file.meta.shard === undefined);
  const sharded = inputs.find(({ file }) => file.meta.shard !== undefined);
  if (sharded === undefined) return null;
  if (plain !== undefined) {
    throw refused(`${plain.path} is no shard, but ${sharded.path} is one`, {
      facts: { path: plain.path },
      hint: "Merge the shards first, each once; then the merged file with others.",
    });
  }
  const records = inputs.map(({ file }) => file.meta.shard!);
  const [{ count, dataset, rows }] = records as [ShardRecord, ...ShardRecord[]];
  const places = new Map<number, string>();
  for (const [i, record] of records.entries()) {
    const { path } = inputs[i]!;
    if (record.count !== count) {
      throw refused(`${path} is one of ${record.count} shards, ${first.path} one of ${count}`, {
        facts: { path, count: record.count },
        hint: "Shards are merged with those of the same --shard i/n.",
      });
    }
    if (record.dataset !== dataset || record.rows !== rows) {
      throw refused(`${path} is a shard of another data set than ${first.path}`, {
        facts: { path, rows: record.rows, first: rows },
        hint: "Their inputs differ in the ids of their rows, or they were read with other options.",
      });
    }
    const noted = inputs.find(({ file }) => file.meta.shard!.contents !== undefined);
    if (record.contents !== undefined && record.contents !== noted!.file.meta.shard!.contents) {
      throw refused(
        `${path} and ${noted!.path} are shards of two versions of one input: its ids are the same, but texts, files, labels or kept columns are not`,
        {
          facts: { path, other: noted!.path },
          hint: "Bring the older ones up to date: the same embed commands with --update.",
        },
      );
    }
    const other = places.get(record.index);
    if (other !== undefined) {
      throw refused(`${other} and ${path} are both shard ${record.index} of ${count}`, {
        facts: { path, other, index: record.index },
        hint: "Give each shard once.",
      });
    }
    places.set(record.index, path);
  }
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((index) => !places.has(index));
  if (missing.length > 0) {
    const shown = missing.slice(0, 10).join(", ");
    const more = missing.length > 10 ? ` and ${missing.length - 10} more` : "";
    throw refused(
      `Of ${count} shards, ${missing.length === 1 ? "one is" : `${missing.length} are`} missing: ${shown}${more}`,
      {
        facts: { missing, count },
        hint: `Name its file too, or embed it: --shard ${missing[0]}/${count}.`,
      },
    );
  }
  return records;
}

function refused(message: string, options: ConstructorParameters<typeof HeadstartError>[2]): HeadstartError {
  return new HeadstartError("data", message, options);
}
