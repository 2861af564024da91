import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { packageRoot } from "../core/package-root.js";
import { addAuditCommand } from "./commands/audit.js";
import { addBackbonesCommand } from "./commands/backbones.js";
import { addCacheCommand } from "./commands/cache.js";
import { addCompareCommand } from "./commands/compare.js";
import { addCompletionCommand } from "./commands/completion.js";
import { addConvertCommand } from "./commands/convert.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { addEmbedCommand } from "./commands/embed.js";
import { addEvaluateCommand } from "./commands/evaluate.js";
import { addExportCommand } from "./commands/export.js";
import { addImportCommand } from "./commands/import.js";
import { addInspectCommand } from "./commands/inspect.js";
import { addMergeCommand } from "./commands/merge.js";
import { addPredictCommand } from "./commands/predict.js";
import { addProvidersCommand } from "./commands/providers.js";
import { addRunCommand } from "./commands/run.js";
import { addSearchCommand } from "./commands/search.js";
import { addTrainCommand } from "./commands/train.js";
import { addExamples } from "./flags.js";

/** The whole command line. Each action loads what it needs when it runs, so that `--help` is quick. */
export function buildProgram(): Command {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    version: string;
  };
  const program = new Command("headstart")
    .description("A strong, honest classifier today: frozen backbones, Arrow embeddings, classical heads.")
    .version(version, "-V, --version")
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  addEmbedCommand(program);
  addMergeCommand(program);
  addTrainCommand(program);
  addSearchCommand(program);
  addAuditCommand(program);
  addEvaluateCommand(program);
  addCompareCommand(program);
  addPredictCommand(program);
  addExportCommand(program);
  addImportCommand(program);
  addConvertCommand(program);
  addInspectCommand(program);
  addRunCommand(program);
  addBackbonesCommand(program);
  addCacheCommand(program);
  addDoctorCommand(program);
  addProvidersCommand(program);
  addCompletionCommand(program);
  addExamples(program, [
    "headstart embed reviews.csv -o reviews.arrow --text review --label stars",
    "headstart train reviews.arrow -o reviews.head.onnx",
    "headstart predict reviews.head.onnx new-reviews.csv",
  ]);
  return program;
}
