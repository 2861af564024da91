import { open } from "node:fs/promises";
import { HeadstartError } from "../../core/errors.js";
import type { ShardRecord } from "../file/schema.js";
import type { PlacedBatch } from "./in-order.js";

/** Lines of a rejects file that are held at a time. */
const LINES = 1000;

/**
 * The rejected rows of a shard, from the file beside it, as the lines of an unsharded run.
 * @throws {HeadstartError} `data` where the file is missing, or is not the one of this shard.
 */
export async function* shardRejects(
  path: string,
  { rejects }: ShardRecord,
): AsyncGenerator<PlacedBatch<string[]>> {
  if (rejects === 0) return;
  const file = `${path}.rejects.jsonl`;
  const foreign = (why: string, cause?: unknown): HeadstartError =>
    new HeadstartError("data", `${path} has ${rejects} rejected rows, but ${file} ${why}`, {
      facts: { path, rejects, file },
      hint: "Put the rejects file of the same run beside the shard.",
      cause,
    });
  let batch: string[] = [];
  let places: number[] = [];
  let count = 0;
  let last = -1;
  const handle = await open(file).catch((cause: unknown) => {
    throw foreign("cannot be read", cause);
  });
  try {
    for await (const line of handle.readLines()) {
      const { position, ...row } = JSON.parse(line) as { readonly position?: number };
      if (!Number.isSafeInteger(position) || position! <= last)
        throw foreign("is not in the order of the input");
      last = position!;
      count++;
      places.push(last);
      batch.push(`${JSON.stringify(row)}\n`);
      if (batch.length === LINES) {
        yield { batch, places };
        batch = [];
        places = [];
      }
    }
  } catch (thrown) {
    if (thrown instanceof HeadstartError) throw thrown;
    throw foreign("cannot be read", thrown);
  } finally {
    await handle.close();
  }
  if (count !== rejects) throw foreign(`has ${count}`);
  yield { batch, places };
}
