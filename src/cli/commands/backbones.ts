import type { Command } from "commander";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { bytes, count } from "../format-number.js";
import { formatFacts, formatTable } from "../format-table.js";
import { runCommand } from "../run-command.js";

/** `headstart backbones list|show`: what can embed. */
export function addBackbonesCommand(program: Command): void {
  const backbones = program.command("backbones").description("the backbones that are here");
  addExamples(backbones, ["headstart backbones list", "headstart backbones show use-lite"]);
  addListCommand(backbones);
  addShowCommand(backbones);
}

function addListCommand(backbones: Command): void {
  const command = backbones.command("list").description("name them all");
  addJsonFlag(command);
  addExamples(command, ["headstart backbones list", "headstart backbones list --json"]);
  command.action(({ json }: JsonFlag) =>
    runCommand(json, async () => {
      const { listBackbones } = await import("../../pipeline/backbones.js");
      const result = await listBackbones();
      const rows = result.map(({ id, modality, dim, license, bytes: size }) => [
        id,
        modality,
        dim,
        size === null ? "not built" : bytes(size),
        license,
      ]);
      return {
        result,
        summary: formatTable(rows, ["id", "for", "dim", "size", "licence"]),
        next: `headstart backbones show ${result[0]?.id ?? "<id>"}`,
      };
    }),
  );
}

function addShowCommand(backbones: Command): void {
  const command = backbones
    .command("show")
    .description("tell everything about one")
    .argument("<id>", "use-lite, mobilenet-v2-mid, a folder or a Hub id");
  addJsonFlag(command);
  addExamples(command, ["headstart backbones show use-lite", "headstart backbones show ./my-bert --json"]);
  command.action((id: string, { json }: JsonFlag) =>
    runCommand(json, async () => {
      const { showBackbone } = await import("../../pipeline/backbones.js");
      const result = await showBackbone(id);
      const { spec } = result;
      const facts = formatFacts([
        ["for", result.modality],
        ["dimensions", result.dim],
        ["pooling", `${spec.pooling} of '${spec.layer}'${spec.normalize ? ", normalised" : ""}`],
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
        summary: [result.id, ...facts, ...(notes.length > 0 ? ["", ...notes] : [])],
        next: `headstart embed <input> --backbone ${result.id} -o x.arrow`,
      };
    }),
  );
}
