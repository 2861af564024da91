import type { Modality, Pooling } from "./backbone.js";

/** How a family of checkpoints is used for one kind of content, where the checkpoint itself does not say. */
export interface Habit {
  readonly pooling: Pooling;
  /** Outputs of the graph that are the feature, the preferred first; default: what is usual for the content. */
  readonly features?: readonly string[];
  /** Of images: tokens before those of the patches, which a mean or maximum leaves out; default 0. */
  readonly leadingTokens?: number;
  /**
   * `after-padding`: the first position is the one after the padding token's id, so that the table of positions
   * holds fewer tokens than it has rows.
   */
  readonly positions?: "after-padding";
}

/** The kinds of content that a family reads; CLIP has a side for each. */
export type Family = Readonly<Partial<Record<Modality, Habit>>>;

const TOKENS: Family = { text: { pooling: "mean" } };
const AFTER_PADDING: Family = { text: { pooling: "mean", positions: "after-padding" } };
const DECODER: Family = { text: { pooling: "last" } };
/** The pooled vector, which these networks feed to their classifier; else the mean of the last feature map. */
const MAPS: Family = { image: { pooling: "mean", features: ["pooler_output"] } };
/** The class token, which the classifier reads; `pooler_output` goes through weights that most checkpoints lack. */
const PATCHES: Family = { image: { pooling: "cls", features: [] } };
/** The mean of the patches, normalised in `pooler_output`; the class token is not trained. */
const MEAN_OF_PATCHES: Family = { image: { pooling: "mean", features: ["pooler_output"], leadingTokens: 1 } };
const TWO_SIDES: Family = {
  text: { pooling: "last", features: ["text_embeds", "pooler_output"] },
  image: { pooling: "cls", features: ["image_embeds", "pooler_output"] },
};
/** SigLIP pools its patches by attention; where that is not exported, their mean is the nearest. */
const NO_CLASS_TOKEN: Family = { ...TWO_SIDES, image: { ...TWO_SIDES.image, pooling: "mean" } };
const SOUND: Family = { audio: { pooling: "mean" } };

/** By `model_type` of config.json; a row a family. */
const FAMILIES: Readonly<Record<string, Family>> = {
  bert: TOKENS,
  distilbert: TOKENS,
  electra: TOKENS,
  albert: TOKENS,
  deberta: TOKENS,
  "deberta-v2": TOKENS,
  nomic_bert: TOKENS,
  modernbert: TOKENS,
  roberta: AFTER_PADDING,
  "xlm-roberta": AFTER_PADDING,
  "xlm-roberta-xl": AFTER_PADDING,
  camembert: AFTER_PADDING,
  mpnet: AFTER_PADDING,
  longformer: AFTER_PADDING,
  gpt2: DECODER,
  gpt_neo: DECODER,
  gpt_neox: DECODER,
  gptj: DECODER,
  opt: DECODER,
  llama: DECODER,
  mistral: DECODER,
  qwen2: DECODER,
  qwen3: DECODER,
  gemma: DECODER,
  phi: DECODER,
  clip: TWO_SIDES,
  siglip: NO_CLASS_TOKEN,
  resnet: MAPS,
  regnet: MAPS,
  vgg: MAPS,
  inception: MAPS,
  mobilenet: MAPS,
  mobilenet_v1: MAPS,
  mobilenet_v2: MAPS,
  mobilenetv3: MAPS,
  mobilenetv4: MAPS,
  efficientnet: MAPS,
  convnext: MAPS,
  convnextv2: MAPS,
  swin: MAPS,
  swinv2: MAPS,
  mobilevit: MAPS,
  poolformer: MAPS,
  vit: PATCHES,
  deit: PATCHES,
  beit: MEAN_OF_PATCHES,
  "data2vec-vision": MEAN_OF_PATCHES,
  dinov2: PATCHES,
  wav2vec2: SOUND,
  hubert: SOUND,
  wavlm: SOUND,
  whisper: SOUND,
  "audio-spectrogram-transformer": { audio: { pooling: "mean", features: ["pooler_output"] } },
};

/**
 * The family of a checkpoint: by `model_type`, else by the class in `architectures`, else by timm's `architecture`.
 * @param config - config.json.
 * @returns its name as in the table (else as the checkpoint gives it), and its row; null where there is none.
 */
export function familyOf(config: Readonly<Record<string, unknown>>): {
  readonly name: string | null;
  readonly family: Family | null;
} {
  const { model_type: type, architectures, architecture } = config;
  const classes: unknown = Array.isArray(architectures) ? architectures[0] : null;
  const named = [type, classes, architecture].filter((name) => typeof name === "string" && name !== "");
  for (const name of named as string[]) {
    const row = rowOf(name);
    if (row !== null) return { name: row, family: FAMILIES[row]! };
  }
  return { name: (named as string[])[0] ?? null, family: null };
}

/** `bert`, `BertModel`, `XLMRobertaForMaskedLM`, `resnet50.a1_in1k`, `vit_base_patch16_224`: the longest row that fits. */
function rowOf(name: string): string | null {
  if (Object.hasOwn(FAMILIES, name)) return name;
  const plain = letters(name);
  const fitting = Object.keys(FAMILIES).filter((row) => plain.startsWith(letters(row)));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? null;
}

const letters = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
