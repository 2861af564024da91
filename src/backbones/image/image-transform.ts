import { type ConfigReader, configReader } from "./config-reader.js";
import type { CropAnchor } from "./crop-place.js";
import {
  type Colours,
  familyOf,
  KNOWN_FAMILIES,
  type ProcessorDefaults,
  processorDefaults,
  UNNAMED_PROCESSOR,
} from "./processor-defaults.js";
import { RESAMPLE_FILTER_NAMES, type ResampleFilterName } from "./resample-filter.js";
import type { ResizeRule } from "./resize-rule.js";
import type { ImageSize } from "./rgb-image.js";
import { timmTransform } from "./timm-transform.js";

/** Everything that happens to a decoded image, as plain JSON: resize, crop, then arithmetic on each byte. */
export interface ImageTransform {
  /** Null where the image keeps its size. */
  readonly resize: ResizeRule | null;
  readonly filter: ResampleFilterName;
  /** What is cut out; black around an image that is smaller, unless `fill` says otherwise. */
  readonly crop: ImageSize | null;
  /** Where the output lies on the resized image; absent: `centre`. At a `corner` zeros follow the image. */
  readonly anchor?: CropAnchor;
  /** The bytes around an image that is smaller than the crop; absent: black. */
  readonly fill?: Colours;
  /** A byte is multiplied by this. */
  readonly scale: number;
  /** Then this is added. */
  readonly offset: number;
  /** Then each channel has its mean subtracted and is divided by its deviation. */
  readonly mean: Colours;
  readonly std: Colours;
  /** Divides by the deviation once more, as EfficientNet's processor does for its classifier. */
  readonly divideTwice: boolean;
  /** Blue comes out first. */
  readonly flip?: true;
  /** The size that comes out. */
  readonly output: ImageSize;
}

/** Keys that name software or say how a batch is stored; no pixel depends on them. */
const WITHOUT_EFFECT = [
  "processor_class",
  "_processor_class",
  "auto_map",
  "_valid_processor_keys",
  "do_convert_rgb",
  "do_reduce_labels",
  "data_format",
  "input_data_format",
  "return_tensors",
  "device",
  "disable_grouping",
  "model_type",
];

/** Keys that mean nothing while the `do_...` before them is off. */
const SWITCHED = ["size", "crop_size", "resample", "rescale_factor", "image_mean", "image_std", "pad_size"];

/** Pixels that may come out: 16 million are 192 MB for one image. */
const MOST_PIXELS = 16_000_000;

/**
 * Reads a Hugging Face `preprocessor_config.json`, the `image_processor` of a processor_config.json, or timm's
 * `pretrained_cfg`. Keys that are absent take the defaults of the processor that the file names.
 * @throws {HeadstartError} `model`, naming the key, for anything that is not reproduced exactly.
 */
export function imageTransform(config: unknown): ImageTransform {
  const outer = configReader(config);
  const inner = outer.part("image_processor") ?? outer.part("pretrained_cfg");
  if (inner !== null) return imageTransform(inner);
  const transform = outer.has("input_size") ? timmTransform(config) : processorTransform(outer);
  const { output } = transform;
  if (output.width * output.height > MOST_PIXELS) {
    const key = transform.crop === null ? "size" : "crop_size";
    throw outer.refuse(
      outer.has("input_size") ? "input_size" : key,
      `makes images of ${output.width} x ${output.height} pixels; the limit is ${MOST_PIXELS / 1e6} million`,
    );
  }
  return transform;
}

function processorTransform(read: ConfigReader): ImageTransform {
  const typeKey = read.has("image_processor_type") ? "image_processor_type" : "feature_extractor_type";
  const type = read.text(typeKey);
  const family = type === null ? "" : familyOf(type);
  const defaults = family === "" ? UNNAMED_PROCESSOR : processorDefaults(family);
  if (defaults === undefined) {
    throw read.refuse(
      typeKey,
      `'${type}' is not reproduced`,
      `Reproduced are: ${KNOWN_FAMILIES.join(", ")}.`,
    );
  }
  const geometry = family === "ConvNext" ? convNextGeometry(read) : plainGeometry(read, defaults);
  const filter = geometry.resize === null ? "nearest" : filterOf(read, defaults.filter);
  const arithmetic = arithmeticOf(read, defaults, family === "EfficientNet");
  for (const key of [...WITHOUT_EFFECT, ...SWITCHED]) read.skip(key);
  read.finish();
  return { ...geometry, filter, ...arithmetic };
}

type Geometry = Pick<ImageTransform, "resize" | "crop" | "anchor" | "output">;
type Arithmetic = Pick<ImageTransform, "scale" | "offset" | "mean" | "std" | "divideTwice" | "flip">;

function arithmeticOf(read: ConfigReader, defaults: ProcessorDefaults, efficientNet: boolean): Arithmetic {
  const rescales = read.flag("do_rescale", true);
  const scale = rescales ? (read.number("rescale_factor") ?? 1 / 255) : 1;
  const offset = rescales && read.flag("rescale_offset", false) ? -1 : 0;
  if (offset !== 0 && Math.abs(127.5 * scale - 1) > 1e-6) {
    throw read.refuse(
      "rescale_offset",
      "is reproduced for a rescale_factor of 1/127.5 only; its meaning has changed",
    );
  }
  const normalizes = read.flag("do_normalize", defaults.normalizes);
  // Without normalising, EfficientNet's second division is the only one.
  const divides = efficientNet && read.flag("include_top", true);
  const mean = normalizes ? (read.triple("image_mean") ?? defaults.mean) : null;
  const std = normalizes || divides ? (read.triple("image_std") ?? defaults.std) : null;
  if (normalizes && mean === null) throw read.refuse("image_mean", "is missing, and do_normalize is on");
  if (normalizes && std === null) throw read.refuse("image_std", "is missing, and do_normalize is on");
  if (std?.some((deviation) => deviation === 0)) throw read.refuse("image_std", "must not be zero");
  const flip = read.flag("do_flip_channel_order", defaults.flips);
  if (flip && normalizes) {
    throw read.refuse("do_flip_channel_order", "is not reproduced together with do_normalize");
  }
  return {
    scale,
    offset,
    mean: mean ?? [0, 0, 0],
    std: std ?? [1, 1, 1],
    divideTwice: normalizes && divides,
    ...(flip ? { flip } : {}),
  };
}

function plainGeometry(read: ConfigReader, defaults: ProcessorDefaults): Geometry {
  const resizes = read.flag("do_resize", true);
  if (defaults.centerCrop === null && !read.has("do_center_crop")) {
    throw read.refuse("do_center_crop", "is missing, and releases of transformers differ in what that means");
  }
  const crops = read.flag("do_center_crop", defaults.centerCrop ?? false);
  const pads = read.flag("do_pad", defaults.pads);
  const resize = resizes ? read.size("size", defaults.numberMeans) : null;
  const crop = crops ? read.size("crop_size", "square") : null;
  const pad = pads ? read.size("pad_size", "square") : null;
  if (resizes && resize === null) throw read.refuse("size", "is missing, and do_resize is on");
  if (crops && crop === null) throw read.refuse("crop_size", "is missing, and do_center_crop is on");
  if (crop !== null && !("width" in crop)) throw read.refuse("crop_size", "must give height and width");
  if (pad !== null && !("width" in pad)) throw read.refuse("pad_size", "must give height and width");
  const fixed = crop ?? (resize !== null && "width" in resize ? resize : null);
  if (fixed !== null && pad !== null && (pad.width !== fixed.width || pad.height !== fixed.height)) {
    throw read.refuse("pad_size", "differs from the size that every image has already");
  }
  if (fixed !== null) return { resize, crop, output: fixed };
  if (pad !== null) return { resize, crop, anchor: "corner", output: pad };
  throw read.refuse(
    resizes ? "size" : "do_resize",
    "leaves images of different sizes; every image must come out the same",
    "Add do_center_crop with a crop_size, do_pad with a pad_size, or give size as height and width.",
  );
}

/** Images of 384 and more are resized to a square; smaller ones are the centre `crop_pct` of the short edge. */
function convNextGeometry(read: ConfigReader): Geometry {
  if (!read.flag("do_resize", true)) throw read.refuse("do_resize", "must be on where crop_pct is used");
  const size = read.size("size", "shortest_edge");
  if (size === null || !("shortestEdge" in size) || size.longestEdge !== undefined)
    throw read.refuse("size", "must give shortest_edge with crop_pct");
  if (read.flag("do_center_crop", false))
    throw read.refuse("do_center_crop", "and crop_pct exclude each other");
  const edge = size.shortestEdge;
  const fraction = read.number("crop_pct") ?? 224 / 256;
  const output = { width: edge, height: edge };
  if (edge >= 384) return { resize: output, crop: null, output };
  if (!(fraction > 0 && fraction <= 1)) throw read.refuse("crop_pct", `must lie in (0, 1], got ${fraction}`);
  return { resize: { shortestEdge: Math.trunc(edge / fraction) }, crop: output, output };
}

function filterOf(read: ConfigReader, byDefault: ResampleFilterName | null): ResampleFilterName {
  const given = read.numberOrText("resample");
  if (given === null) {
    if (byDefault !== null) return byDefault;
    throw read.refuse(
      "resample",
      "is missing, and no processor is named whose releases agree on it",
      "Add it: 0 nearest, 1 lanczos, 2 bilinear, 3 bicubic, 4 box, 5 hamming.",
    );
  }
  const name =
    typeof given === "number" ? RESAMPLE_FILTER_NAMES[given] : given.split(".").at(-1)!.toLowerCase();
  const known = RESAMPLE_FILTER_NAMES.find((filter) => filter === name);
  if (known !== undefined) return known;
  throw read.refuse("resample", `must be 0 to 5 or the name of a filter, got ${JSON.stringify(given)}`);
}
