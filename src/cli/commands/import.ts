import type { Command } from "commander";
import type { ImportHeadOptions } from "../../pipeline/import-head.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { formatFacts } from "../format-table.js";
import { runCommand } from "../run-command.js";
import { shellQuote } from "../shell-quote.js";

type Flags = Pick<ImportHeadOptions, "out" | "embeddings" | "classes"> & JsonFlag;

/** `headstart import`: a model of ml-svm or ml-random-forest as a head. */
export function addImportCommand(program: Command): void {
  const command = program
    .command("import")
    .description("turn a model of ml-svm or ml-random-forest (JSON) into a head")
    .argument("<model>", "what JSON.stringify(model) wrote")
    .requiredOption("-o, --out <file>", "the head to write (.onnx)")
    .requiredOption("--embeddings <file>", "vectors of the backbone that it was trained on (.arrow)")
    .option(
      "--classes <names>",
      "labels in the order of the model's numbers, such as no,yes",
      (names: string) => names.split(","),
    );
  addJsonFlag(command);
  addExamples(command, ["headstart import svm.json --embeddings x.arrow --classes no,yes -o head.onnx"]);
  command.action((model: string, { json, ...flags }: Flags) =>
    runCommand(json, async () => {
      const { importHead } = await import("../../pipeline/import-head.js");
      const result = await importHead({ model, ...flags });
      const summary = [
        result.out,
        ...formatFacts([
          ["head", result.head],
          ["classes", result.classes.join(", ")],
          ["backbone", result.backbone],
          ["checked", `${result.verifiedRows} rows answer as in the package`],
        ]),
      ];
      return { result, summary, next: `headstart predict ${shellQuote(result.out)} <new input>` };
    }),
  );
}
