import type { BackboneSpec, Modality } from "../backbones/backbone.js";
import { resolveBackbone } from "../backbones/resolve-backbone.js";
import { writeFileAtomic } from "../core/atomic-file.js";
import { HeadstartError, messageOf } from "../core/errors.js";
import { openDataset } from "../data/open-dataset.js";
import type { Dataset } from "../data/row.js";
import { POSITION_COLUMN } from "../data/shard.js";
import { embedDataset } from "../embeddings/engine/embed-dataset.js";
import { checkCacheSettings } from "./cache-settings.js";
import { checkTarget } from "./check-target.js";
import { defined } from "./defined.js";
import { checkStreamed, embedToStdout } from "./embed-to-stdout.js";
import type { EmbedOptions, EmbedResult, InputOptions } from "./types.js";

/** The backbones that a fresh installation has, by what they read. */
export const DEFAULT_BACKBONES = { text: "use-lite", image: "mobilenet-v2-mid", audio: null } as const;

/**
 * Embeds a data set with a frozen backbone into an Arrow file.
 * @returns what was done; rows that could not be used are in `rejectsFile`.
 * @throws {HeadstartError} `data`, `model`, `io`, `provider`, or `interrupted` (run again to go on).
 * @example await embed({ input: "reviews.csv", out: "reviews.arrow", label: "stars" })
 */
export async function embed(options: EmbedOptions): Promise<EmbedResult> {
  if (options.out === "-") checkStreamed(options);
  else await checkTarget(options.out, [options.input], ".arrow");
  const cacheIsOn = await checkCacheSettings();
  const profile = profilePath(options);
  if (profile !== null) await checkTarget(profile, [options.input, options.out]);
  const dataset = await openDataset(options.input, {
    ...inputOptions(options),
    ...defined({
      modality: options.modality,
      keep: options.keep,
      shard: options.shard,
      stdin: options.stdin,
    }),
  });
  const id = options.backbone ?? defaultBackbone(dataset);
  const backbone = await resolveBackbone(
    id,
    defined({
      modality: dataset.modality,
      revision: options.revision,
      precision: options.precision,
      layer: options.layer,
      pooling: options.pooling,
      normalize: options.normalize,
      prompt: options.prompt,
      maxTokens: options.maxTokens,
      resize: options.resize,
      onProgress: options.onProgress,
      signal: options.signal,
    }),
  );
  checkModality(dataset, backbone.spec);
  const shared = {
    dataset,
    backbone,
    ...defined({
      onError: options.onError,
      vectors: options.store,
      device: options.device,
      threads: options.threads,
      batchTokens: options.batchTokens,
      batchImages: options.batchImages,
      sessions: options.sessions,
      tune: options.tune,
      cache: usesCache(options, cacheIsOn) ? defined({ maxBytes: options.cacheSize }) : undefined,
      onProgress: options.onProgress,
      signal: options.signal,
    }),
  };
  const summary =
    options.out === "-"
      ? await embedToStdout(shared, options.stdout)
      : await embedDataset({
          ...shared,
          out: options.out,
          ...defined({ restart: options.restart, mode: options.mode }),
        });
  const feature = featureOf(backbone.spec);
  const guesses = [...dataset.guesses, ...promptGuess(options.prompt, feature.prompt)];
  const { store = "fp32" } = options;
  const { kept } = dataset;
  const result = {
    ...summary,
    backbone: backbone.spec.id,
    feature,
    kept: kept.filter(({ name }) => name !== POSITION_COLUMN),
    store,
    shard: options.shard ?? null,
    guesses,
    profile,
  };
  if (profile !== null) await writeProfile(profile, result);
  return result;
}

function profilePath({ profile = false, out }: EmbedOptions): string | null {
  if (profile === false) return null;
  if (profile !== true) return profile;
  return out === "-" ? "headstart-embed.profile.json" : `${out}.profile.json`;
}

async function writeProfile(path: string, result: EmbedResult): Promise<void> {
  const { out, backbone, device, rows, rowsPerSecond, seconds, stages, encoding } = result;
  const profile = { out, backbone, device, rows, rowsPerSecond, seconds, stages, encoding };
  try {
    await writeFileAtomic(path, `${JSON.stringify(profile, null, 2)}\n`);
  } catch (cause) {
    throw new HeadstartError("io", `Cannot write the profile ${path}: ${messageOf(cause)}`, {
      facts: { path },
      hint: `${out} itself is finished.`,
      cause,
    });
  }
}

/** @param cacheIsOn - what the environment says. @throws {HeadstartError} `usage` for a size that is none. */
function usesCache({ cache, cacheSize }: EmbedOptions, cacheIsOn: boolean): boolean {
  if (cacheSize !== undefined && !(cacheSize > 0)) {
    throw new HeadstartError("usage", `cacheSize must be a number of bytes above 0, got ${cacheSize}`);
  }
  return cache ?? cacheIsOn;
}

function featureOf({
  layer,
  pooling,
  normalize,
  precision,
  preprocessing,
}: BackboneSpec): EmbedResult["feature"] {
  const { prompt } = preprocessing;
  return {
    layer,
    pooling,
    normalize,
    precision,
    prompt: typeof prompt === "string" && prompt !== "" ? prompt : null,
  };
}

/** A prompt that is no name of the checkpoint's was taken for the words themselves. */
function promptGuess(asked: string | undefined, used: string | null): string[] {
  if (asked !== used || used === null) return [];
  return [`prompt: the words '${used}' before each text (no prompt of the checkpoint has this name)`];
}

const INPUT_OPTIONS = [
  "format",
  "text",
  "image",
  "audio",
  "label",
  "multiLabel",
  "id",
  "split",
  "encoding",
  "table",
  "where",
  "limit",
  "sample",
  "fetch",
  "fetchHost",
] as const satisfies readonly (keyof InputOptions)[];

/** The part of the options that says how the input is read. */
export function inputOptions(options: InputOptions): InputOptions {
  return defined(Object.fromEntries(INPUT_OPTIONS.map((name) => [name, options[name]])));
}

/** @throws {HeadstartError} `usage` for sounds: no backbone that hears is embedded. */
function defaultBackbone({ name, modality }: Dataset): string {
  const id = DEFAULT_BACKBONES[modality];
  if (id !== null) return id;
  throw new HeadstartError("usage", `${name} holds sounds, and no backbone for them is embedded`, {
    hint: "Name one with --backbone: a folder, or a Hub id such as Xenova/wav2vec2-base-960h.",
  });
}

/**
 * @param remedy - the hint; default: another backbone.
 * @throws {HeadstartError} `usage` if a text backbone is given images, or the other way round.
 */
export function checkModality(
  dataset: Dataset,
  spec: { id: string; modality: Modality },
  remedy?: string,
): void {
  if (dataset.modality === spec.modality) return;
  const other = DEFAULT_BACKBONES[dataset.modality];
  const { modality: reads } = spec;
  const isTable = dataset.modality === "text" && dataset.columns.content !== null;
  const columns =
    isTable && reads !== "text"
      ? ` If the table has paths of ${plural(reads)}: --modality ${reads}, or --${reads} <column>.`
      : "";
  throw new HeadstartError(
    "usage",
    `'${spec.id}' reads ${plural(spec.modality)}, but ${dataset.name} holds ${plural(dataset.modality)}`,
    {
      hint:
        remedy ??
        `Use ${other === null ? "a backbone" : `--backbone ${other}, or another`} that reads ${plural(dataset.modality)}.${columns}`,
    },
  );
}

const plural = (modality: Modality): string => ({ text: "text", image: "images", audio: "sounds" })[modality];
