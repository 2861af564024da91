import { streamSink } from "../core/byte-sink.js";
import { HeadstartError } from "../core/errors.js";
import { type EmbedStreamOptions, embedStream } from "../embeddings/engine/embed-stream.js";
import type { EmbedSummary } from "../embeddings/index.js";
import { rejectsFile } from "./convert/rejects-file.js";
import type { EmbedOptions } from "./types.js";

/** Rejected rows of a run that has no file for them to lie beside. */
const REJECTS = "headstart-embed.rejects.jsonl";

/** @throws {HeadstartError} `usage` for what only a run with a part file can do. */
export function checkStreamed({ restart, mode, shard }: EmbedOptions): void {
  if (shard !== undefined) {
    throw new HeadstartError("usage", "--shard: a stream begins before the whole of the input is known", {
      facts: { flag: "--shard" },
      hint: "Write the shard to a file, and merge the files of all.",
    });
  }
  if (restart !== true && mode === undefined) return;
  throw new HeadstartError("usage", `--${mode ?? "restart"}: with -o - there is no file to build on`, {
    facts: { flag: `--${mode ?? "restart"}` },
    hint: "Leave it out; every run to -o - begins anew.",
  });
}

/** Embeds into an Arrow stream on stdout; rejected rows are listed in the working folder. */
export async function embedToStdout(
  options: Omit<EmbedStreamOptions, "sink" | "onRejects">,
  stdout: NodeJS.WritableStream = process.stdout,
): Promise<EmbedSummary> {
  const list = rejectsFile(REJECTS);
  try {
    const summary = await embedStream({
      ...options,
      sink: streamSink(stdout, "stdout"),
      async onRejects(rows) {
        for (const row of rows) list.add(row);
        await list.flush();
      },
    });
    const rejects = summary.rejects === 0 ? null : await list.finish();
    return { ...summary, out: "-", rejectsFile: rejects, resumedAtRow: null, target: null };
  } catch (thrown) {
    await list.discard();
    throw thrown;
  }
}
