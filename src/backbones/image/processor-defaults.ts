import type { ResampleFilterName } from "./resample-filter.js";

/** What a bare number as `size` stands for: both edges, or the shortest edge. */
export type NumberMeaning = "square" | "shortest_edge";

/** One number a colour: red, green, blue. */
export type Colours = readonly [number, number, number];

/**
 * What one of Hugging Face's image processors does where its configuration says nothing. Null: releases of
 * transformers differ, and the configuration must say it.
 */
export interface ProcessorDefaults {
  readonly numberMeans: NumberMeaning | null;
  readonly filter: ResampleFilterName | null;
  readonly centerCrop: boolean | null;
  readonly mean: Colours | null;
  readonly std: Colours | null;
  readonly normalizes: boolean;
  /** Blue comes first. */
  readonly flips: boolean;
  /** Zeros follow the image to the right and below, up to `pad_size`. */
  readonly pads: boolean;
}

const HALF: Colours = [0.5, 0.5, 0.5];
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const CLIP = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} as const;

const processor = (
  numberMeans: NumberMeaning | null,
  filter: ResampleFilterName | null,
  centerCrop: boolean | null,
  rest: Partial<ProcessorDefaults> = {},
): ProcessorDefaults => ({
  numberMeans,
  filter,
  centerCrop,
  mean: HALF,
  std: HALF,
  normalizes: true,
  flips: false,
  pads: false,
  ...rest,
});

/** By model family: the name of the processor without `ImageProcessor` or `FeatureExtractor`. */
const FAMILIES: Readonly<Record<string, ProcessorDefaults>> = {
  Beit: processor("square", "bicubic", null),
  Bit: processor("shortest_edge", "bicubic", true, CLIP),
  Blip: processor("square", "bicubic", false, CLIP),
  ChineseCLIP: processor("shortest_edge", "bicubic", true, CLIP),
  CLIP: processor("shortest_edge", "bicubic", true, CLIP),
  ConvNext: processor("shortest_edge", null, false),
  DeiT: processor("square", "bicubic", true),
  Detr: processor(null, "bilinear", false, { ...IMAGENET, pads: true }),
  EfficientNet: processor("square", null, false),
  MobileNetV1: processor("shortest_edge", "bilinear", true),
  MobileNetV2: processor("shortest_edge", "bilinear", true),
  MobileViT: processor("shortest_edge", null, true, { normalizes: false, flips: true }),
  Sam: processor(null, "bilinear", false, { ...IMAGENET, pads: true }),
  Siglip: processor("shortest_edge", "bicubic", false),
  ViT: processor("square", "bilinear", false),
};

/** Where no processor is named: a number as `size` could mean two things, and so could an absent filter. */
export const UNNAMED_PROCESSOR: ProcessorDefaults = {
  ...processor(null, null, false, { mean: null, std: null }),
};

/** The families whose processors are reproduced. */
export const KNOWN_FAMILIES: readonly string[] = Object.keys(FAMILIES);

/** The family in `ViTImageProcessorFast`, `ConvNextFeatureExtractor` and the like. */
export function familyOf(processorType: string): string {
  return processorType.replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, "");
}

/** A family's defaults; undefined for one that is not reproduced. */
export function processorDefaults(family: string): ProcessorDefaults | undefined {
  return Object.hasOwn(FAMILIES, family) ? FAMILIES[family] : undefined;
}
