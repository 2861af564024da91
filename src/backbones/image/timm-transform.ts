import { type ConfigReader, configReader } from "./config-reader.js";
import type { ImageTransform } from "./image-transform.js";
import { RESAMPLE_FILTER_NAMES } from "./resample-filter.js";
import { roundToEven } from "./resize-rule.js";
import type { ImageSize } from "./rgb-image.js";

/** Keys of a pretrained_cfg that name weights and layers, or belong to training; no pixel depends on them. */
const WITHOUT_EFFECT = [
  "url",
  "file",
  "hf_hub_id",
  "hf_hub_filename",
  "source",
  "architecture",
  "tag",
  "custom_load",
  "state_dict",
  "fixed_input_size",
  "min_input_size",
  "test_input_size",
  "test_crop_pct",
  "num_classes",
  "label_offset",
  "label_names",
  "label_descriptions",
  "pool_size",
  "test_pool_size",
  "first_conv",
  "classifier",
  "classifier_cols",
  "license",
  "description",
  "origin_url",
  "paper_name",
  "paper_ids",
  "notes",
];

/** The mean and deviation of ImageNet's colours, timm's default. */
const MEAN = [0.485, 0.456, 0.406] as const;
const STD = [0.229, 0.224, 0.225] as const;

/**
 * Reads timm's `pretrained_cfg` (in config.json): the transform that timm evaluates with, in Pillow's pixels. The
 * training size is the size, as in timm's own feature extraction; `test_input_size` is not heeded.
 * @throws {HeadstartError} `model`, naming the key, for anything that is not reproduced exactly.
 */
export function timmTransform(config: unknown): ImageTransform {
  const read = configReader(config, "pretrained_cfg of config.json");
  const output = inputSize(read);
  // Zero means the default, as in timm.
  const fraction = read.number("crop_pct") || 0.875;
  if (!(fraction > 0 && fraction <= 1)) throw read.refuse("crop_pct", `must lie in (0, 1], got ${fraction}`);
  const mode = read.text("crop_mode") ?? "center";
  const name = read.text("interpolation") ?? "bicubic";
  const filter = RESAMPLE_FILTER_NAMES.find((known) => known === name);
  if (filter === undefined) {
    throw read.refuse("interpolation", `must be one of ${RESAMPLE_FILTER_NAMES.join(", ")}; got '${name}'`);
  }
  const mean = read.triple("mean") ?? MEAN;
  const std = read.triple("std") ?? STD;
  if (std.some((deviation) => deviation === 0)) throw read.refuse("std", "must not be zero");
  for (const key of WITHOUT_EFFECT) read.skip(key);
  read.finish();
  const scaled = {
    width: Math.floor(output.width / fraction),
    height: Math.floor(output.height / fraction),
  };
  const square = scaled.width === scaled.height;
  const rest = { filter, crop: output, anchor: "torchvision", scale: 1 / 255, offset: 0 } as const;
  const arithmetic = { mean, std, divideTwice: false, output } as const;
  switch (mode) {
    case "center":
      return { resize: square ? { shortestEdge: scaled.width } : { cover: scaled }, ...rest, ...arithmetic };
    case "squash":
      return { resize: scaled, ...rest, ...arithmetic };
    case "border": {
      const [red, green, blue] = mean.map((value) => roundToEven(255 * value));
      return { resize: { contain: scaled }, ...rest, fill: [red!, green!, blue!], ...arithmetic };
    }
    default:
      throw read.refuse("crop_mode", `must be center, squash or border; got '${mode}'`);
  }
}

function inputSize(read: ConfigReader): ImageSize {
  const size = read.numbers("input_size") ?? [3, 224, 224];
  const [channels, height, width] = size;
  if (size.length !== 3 || !size.every((edge) => Number.isInteger(edge) && edge > 0 && edge <= 16_384)) {
    throw read.refuse("input_size", "must be three whole numbers: channels, height, width");
  }
  if (channels !== 3) throw read.refuse("input_size", `asks for ${channels} colours; images have 3`);
  return { width: width!, height: height! };
}
