import type { Command } from "commander";
import { addExamples, addJsonFlag, type JsonFlag } from "../../flags.js";
import { bytes } from "../../format-number.js";
import { formatFacts } from "../../format-table.js";
import { runCommand } from "../../run-command.js";
import { addModalityFlag, addPrecisionFlag, addRevisionFlag, ID_ARGUMENT, type WhichFlags } from "./flags.js";

interface Flags extends WhichFlags, JsonFlag {
  readonly update?: boolean;
  readonly repair?: boolean;
}

/** `headstart backbones pull`: from the Hub into the cache. */
export function addPullCommand(backbones: Command): void {
  const command = backbones
    .command("pull")
    .description("download one from the Hub, once, into the cache of huggingface_hub")
    .argument("<id>", ID_ARGUMENT);
  addModalityFlag(addPrecisionFlag(addRevisionFlag(command)))
    .option("--update", "take the branch's newest commit, where an earlier pull keeps to another")
    .option("--repair", "hash what is here, and download again what is damaged");
  addJsonFlag(command);
  addExamples(command, [
    "headstart backbones pull Xenova/bert-base-uncased",
    "headstart backbones pull Xenova/resnet-50 --precision int8",
    "HF_ENDPOINT=https://my-mirror.example headstart backbones pull org/name --revision v1.0",
  ]);
  command.action((id: string, { json, ...flags }: Flags) =>
    runCommand(json, async ({ control: { onProgress, signal } }) => {
      const { pullBackbone } = await import("../../../pipeline/backbones/backbones-pull.js");
      const result = await pullBackbone(id, { ...flags, onProgress, signal });
      const { commit, revision, newerCommit, files, downloadedBytes } = result;
      const size = files.reduce((sum, file) => sum + file.size, 0);
      const updates =
        newerCommit === null
          ? []
          : [`'${revision}' is at ${newerCommit.slice(0, 12)} by now; --update takes that instead`];
      return {
        result,
        summary: [
          id,
          ...formatFacts([
            ["commit", revision === commit ? commit : `${commit} (${revision})`],
            ["files", `${files.length}, ${bytes(size)}`],
            ["downloaded", downloadedBytes === 0 ? "nothing, all of it was here" : bytes(downloadedBytes)],
            ["licence", result.license ?? "unknown"],
            ["folder", result.folder],
          ]),
        ],
        notes: updates,
        next: `headstart backbones check ${id}${flags.precision ? ` --precision ${flags.precision}` : ""}`,
      };
    }),
  );
}
