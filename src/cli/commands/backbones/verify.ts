import type { Command } from "commander";
import { EXIT } from "../../exit-code.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../../flags.js";
import { counted } from "../../format-number.js";
import { formatTable } from "../../format-table.js";
import { runCommand } from "../../run-command.js";
import { addRevisionFlag } from "./flags.js";

/** `headstart backbones verify`: the files, hashed again. */
export function addVerifyCommand(backbones: Command): void {
  const command = backbones
    .command("verify")
    .description("hash the files of one again, and compare them with what was recorded; 1 if one is damaged")
    .argument("<id>", "use-lite, mobilenet-v2-mid or a Hub id");
  addRevisionFlag(command);
  addJsonFlag(command);
  addExamples(command, ["headstart backbones verify Xenova/bert-base-uncased"]);
  command.action((id: string, { json, ...which }: { revision?: string } & JsonFlag) =>
    runCommand(json, async ({ control: { onProgress, signal } }) => {
      const { verifyBackbone } = await import("../../../pipeline/backbones/backbones-verify.js");
      const result = await verifyBackbone(id, { ...which, onProgress, signal });
      const odd = result.files.filter(({ state }) => state !== "ok");
      const sound = result.files.length - odd.length;
      return {
        result,
        summary: [
          `${id}: ${counted(sound, "file")} as recorded${odd.length === 0 ? "" : `, ${odd.length} not`}`,
          ...formatTable(
            odd.map(({ state, path, commit }) => [`  ${state}`, path, commit?.slice(0, 7) ?? ""]),
          ),
        ],
        ...(result.state === "damaged" && {
          next: odd.some(({ commit }) => commit === null)
            ? "npm run models"
            : `headstart backbones pull ${id} --repair`,
          exitCode: EXIT.failed,
        }),
      };
    }),
  );
}
