import { type Command, Option } from "commander";
import type { Modality, Precision } from "../../../backbones/backbone.js";
import { MODALITIES, PRECISIONS } from "../../../pipeline/yaml/choices.js";

/** Which commit and export of a backbone is meant. */
export interface WhichFlags {
  readonly revision?: string;
  readonly precision?: Precision;
  readonly modality?: Modality;
}

export const ID_ARGUMENT = "an id of the Hub, such as Xenova/bert-base-uncased";
export const ANY_ID_ARGUMENT = "use-lite, mobilenet-v2-mid, a folder or a Hub id";

export function addRevisionFlag(command: Command): Command {
  return command.option("--revision <name>", "branch, tag or commit of a Hub id (default: main)");
}

export function addPrecisionFlag(
  command: Command,
  meaning = "which export of the weights (default: fp32)",
): Command {
  return command.addOption(new Option("--precision <precision>", meaning).choices(PRECISIONS));
}

export function addModalityFlag(command: Command): Command {
  return command.addOption(
    new Option("--modality <kind>", "which side of a backbone that reads several kinds of content").choices(
      MODALITIES,
    ),
  );
}
