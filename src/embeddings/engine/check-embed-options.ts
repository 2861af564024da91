import { cpuCount } from "../../core/cpu-count.js";
import { HeadstartError } from "../../core/errors.js";
import { checkWholeNumbers } from "./batch-settings.js";
import type { EmbedOptions } from "./embed-dataset.js";

/** @throws {HeadstartError} `usage` if a number is out of range or the backbone reads something else. */
export function checkEmbedOptions(options: Omit<EmbedOptions, "out">): void {
  const { dataset, backbone, vectors = "fp32" } = options;
  if (dataset.modality !== backbone.spec.modality) {
    throw new HeadstartError(
      "usage",
      `${dataset.name} holds ${dataset.modality}, but ${backbone.spec.id} reads ${backbone.spec.modality}`,
      { hint: `Choose a backbone for ${dataset.modality}: headstart backbones list.` },
    );
  }
  if (dataset.shard !== undefined && (options.mode === "append" || options.mode === "retry-rejects")) {
    throw new HeadstartError("usage", `A shard cannot be added to: its rows are those of one reading`, {
      facts: { mode: options.mode },
      hint: "Make it anew with --update, which takes the vectors that are there.",
    });
  }
  if (vectors !== "fp32" && vectors !== "fp16") {
    throw new HeadstartError("usage", `vectors are stored as fp32 or fp16, got ${vectors}`);
  }
  const { tune = "off" } = options;
  if (tune !== "auto" && tune !== "off") {
    throw new HeadstartError("usage", `tune is auto or off, got ${tune}`, { facts: { tune } });
  }
  const { batchTokens, batchImages, batchSamples, windowRows, windowTokens, sessions, threads } = options;
  checkWholeNumbers({ batchTokens, batchImages, batchSamples, windowRows, windowTokens, sessions, threads });
  const most = Math.max(16, cpuCount());
  if (sessions !== undefined && sessions > most) {
    throw new HeadstartError("usage", `At most ${most} sessions are opened here, got ${sessions}`, {
      facts: { sessions, most },
      hint: "Each has all the weights and threads of its own; more than there are processors are no faster.",
    });
  }
}
