import type { ResampleFilterName } from "./resample-filter.js";

/** What a bare number as `size` stands for: both edges, or the shortest edge. */
export type NumberMeaning = "square" | "shortest_edge";

/** What one of Hugging Face's image processors does where its configuration says nothing. */
export interface ProcessorDefaults {
  readonly numberMeans: NumberMeaning | null;
  readonly filter: ResampleFilterName;
  readonly centerCrop: boolean;
}

const square = (filter: ResampleFilterName, centerCrop = false): ProcessorDefaults => ({
  numberMeans: "square",
  filter,
  centerCrop,
});
const shortest = (filter: ResampleFilterName, centerCrop: boolean): ProcessorDefaults => ({
  numberMeans: "shortest_edge",
  filter,
  centerCrop,
});

/** By model family: the name of the processor without `ImageProcessor` or `FeatureExtractor`. */
const FAMILIES: Readonly<Record<string, ProcessorDefaults>> = {
  Beit: square("bicubic", true),
  Bit: shortest("bicubic", true),
  Blip: square("bicubic"),
  CLIP: shortest("bicubic", true),
  ConvNext: shortest("bicubic", false),
  DeiT: square("bicubic", true),
  EfficientNet: square("nearest"),
  MobileNetV1: shortest("bilinear", true),
  MobileNetV2: shortest("bilinear", true),
  Siglip: square("bicubic"),
  ViT: square("bilinear"),
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
