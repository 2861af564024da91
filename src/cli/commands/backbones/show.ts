import type { Command } from "commander";
import type { BackboneSpec } from "../../../backbones/backbone.js";
import type { Tap } from "../../../backbones/tappable.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../../flags.js";
import { bytes, count } from "../../format-number.js";
import { formatFacts, formatTable } from "../../format-table.js";
import { runCommand } from "../../run-command.js";
import {
  ANY_ID_ARGUMENT,
  addModalityFlag,
  addPrecisionFlag,
  addRevisionFlag,
  type WhichFlags,
} from "./flags.js";

/** `headstart backbones show`: all that is known of one. */
export function addShowCommand(backbones: Command): void {
  const command = backbones
    .command("show")
    .description("tell everything about one; a Hub id is downloaded where it is not here")
    .argument("<id>", ANY_ID_ARGUMENT);
  addModalityFlag(addPrecisionFlag(addRevisionFlag(command)));
  addJsonFlag(command);
  addExamples(command, ["headstart backbones show use-lite", "headstart backbones show ./my-bert --json"]);
  command.action((id: string, { json, ...which }: WhichFlags & JsonFlag) =>
    runCommand(json, async ({ control: { onProgress, signal } }) => {
      const { showBackbone } = await import("../../../pipeline/backbones.js");
      const result = await showBackbone(id, { ...which, onProgress, signal });
      const { spec } = result;
      const facts = formatFacts([
        ["for", result.modality],
        ["dimensions", result.dim],
        ["pooling", pooling(spec)],
        ["prompt", prompt(spec)],
        ["precision", spec.precision],
        ["parameters", result.parameters === null ? null : count(result.parameters)],
        ["size", result.bytes === null ? "not built" : bytes(result.bytes)],
        ["licence", result.license],
        ["source", result.source],
        ["folder", result.folder],
        ["fingerprint", result.fingerprint],
      ]);
      const notes = result.notes.map((text) => `  ${text}`);
      return {
        result,
        summary: [
          result.id,
          ...facts,
          ...(notes.length > 0 ? ["", ...notes] : []),
          ...layersOf(result.taps ?? []),
        ],
        next: `headstart embed <input> --backbone ${result.id} -o x.arrow`,
      };
    }),
  );
}

function pooling({ pooling, layer, normalize }: BackboneSpec): string {
  const how = pooling === "none" ? `none, '${layer}' is one vector already` : `${pooling} of '${layer}'`;
  return `${how}${normalize ? ", normalised" : ""}`;
}

/** The words that are put before each text unless others are asked for. */
function prompt({ preprocessing }: BackboneSpec): string | null {
  const words = preprocessing.prompt;
  return typeof words === "string" && words !== "" ? `'${words}' before each text` : null;
}

/** What `--layer` takes: a block by its number, anything by its name. */
function layersOf(taps: readonly Tap[]): string[] {
  if (taps.length === 0) return [];
  const rows = taps.map(({ block, name, shape }) => [
    block === null ? "" : `${block}`,
    name,
    `[${shape.join(", ")}]`,
  ]);
  return [
    "",
    "What --layer takes:",
    ...formatTable(rows, ["block", "name", "shape"]).map((line) => `  ${line}`),
  ];
}
