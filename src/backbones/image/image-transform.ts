import { configReader } from "./config-reader.js";
import { familyOf, KNOWN_FAMILIES, type ProcessorDefaults, processorDefaults } from "./processor-defaults.js";
import { RESAMPLE_FILTER_NAMES, type ResampleFilterName } from "./resample-filter.js";
import type { ImageSize } from "./rgb-image.js";

/** Everything that happens to a decoded image, as plain JSON: resize, crop, then arithmetic on each byte. */
export interface ImageTransform {
  /** Null where the image keeps its size. */
  readonly resize: { readonly shortestEdge: number } | ImageSize | null;
  readonly filter: ResampleFilterName;
  /** From the centre; black where the image is smaller. */
  readonly crop: ImageSize | null;
  /** A byte is multiplied by this. */
  readonly scale: number;
  /** Then this is added. */
  readonly offset: number;
  /** Then each channel has its mean subtracted and is divided by its deviation. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Divides by the deviation once more, as EfficientNet's processor does for its classifier. */
  readonly divideTwice: boolean;
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
  "data_format",
  "input_data_format",
  "return_tensors",
  "device",
  "disable_grouping",
  "model_type",
];

/** Keys that mean nothing while the `do_...` before them is off. */
const SWITCHED = ["size", "crop_size", "resample", "rescale_factor", "image_mean", "image_std"];

/** Pixels that may come out: 16 million are 192 MB for one image. */
const MOST_PIXELS = 16_000_000;

/** Where no processor is named, a number as `size` could mean two things and is refused. */
const GENERIC: ProcessorDefaults = { numberMeans: null, filter: "bilinear", centerCrop: false };

/**
 * Reads a Hugging Face `preprocessor_config.json`. Keys that are absent take the defaults of the processor
 * that the file names.
 * @throws {HeadstartError} `model`, naming the key, for anything that is not reproduced exactly.
 */
export function imageTransform(config: unknown): ImageTransform {
  const read = configReader(config);
  const typeKey = read.has("image_processor_type") ? "image_processor_type" : "feature_extractor_type";
  const type = read.text(typeKey);
  const family = type === null ? null : familyOf(type);
  const defaults = family === null || family === "" ? GENERIC : processorDefaults(family);
  if (defaults === undefined) {
    throw read.refuse(
      typeKey,
      `'${type}' is not reproduced`,
      `Reproduced are: ${KNOWN_FAMILIES.join(", ")}.`,
    );
  }
  const geometry = family === "ConvNext" ? convNextGeometry(read) : plainGeometry(read, defaults);
  const { output } = geometry;
  if (output.width * output.height > MOST_PIXELS) {
    throw read.refuse(
      geometry.crop === null ? "size" : "crop_size",
      `makes images of ${output.width} x ${output.height} pixels; the limit is ${MOST_PIXELS / 1e6} million`,
    );
  }
  const filter =
    geometry.resize === null ? "nearest" : filterOf(read, type === null ? null : defaults.filter);
  const rescales = read.flag("do_rescale", true);
  const scale = rescales ? (read.number("rescale_factor") ?? 1 / 255) : 1;
  const offset = rescales && read.flag("rescale_offset", false) ? -1 : 0;
  if (offset !== 0 && Math.abs(127.5 * scale - 1) > 1e-6) {
    throw read.refuse(
      "rescale_offset",
      "is reproduced for a rescale_factor of 1/127.5 only; its meaning has changed",
    );
  }
  const normalizes = read.flag("do_normalize", true);
  const mean = normalizes ? read.triple("image_mean") : null;
  const std = normalizes ? read.triple("image_std") : null;
  if (normalizes && mean === null) throw read.refuse("image_mean", "is missing, and do_normalize is on");
  if (normalizes && std === null) throw read.refuse("image_std", "is missing, and do_normalize is on");
  if (std?.some((deviation) => deviation === 0)) throw read.refuse("image_std", "must not be zero");
  const divideTwice = family === "EfficientNet" && read.flag("include_top", true);
  if (divideTwice && std === null)
    throw read.refuse("include_top", "needs image_std; only do_normalize gives it");
  for (const key of [...WITHOUT_EFFECT, ...SWITCHED]) read.skip(key);
  read.finish();
  return { ...geometry, filter, scale, offset, mean: mean ?? [0, 0, 0], std: std ?? [1, 1, 1], divideTwice };
}

type Reader = ReturnType<typeof configReader>;
type Geometry = Pick<ImageTransform, "resize" | "crop" | "output">;

function plainGeometry(read: Reader, defaults: ProcessorDefaults): Geometry {
  const resizes = read.flag("do_resize", true);
  const crops = read.flag("do_center_crop", defaults.centerCrop);
  const resize = resizes ? read.size("size", defaults.numberMeans) : null;
  const crop = crops ? read.size("crop_size", "square") : null;
  if (resizes && resize === null) throw read.refuse("size", "is missing, and do_resize is on");
  if (crops && crop === null) throw read.refuse("crop_size", "is missing, and do_center_crop is on");
  if (crop !== null && !("width" in crop)) throw read.refuse("crop_size", "must give height and width");
  if (crop !== null) return { resize, crop, output: crop };
  if (resize !== null && "width" in resize) return { resize, crop, output: resize };
  throw read.refuse(
    resizes ? "size" : "do_resize",
    "leaves images of different sizes; every image must come out the same",
    "Add do_center_crop with a crop_size, or give size as height and width.",
  );
}

/** Images of 384 and more are resized to a square; smaller ones are the centre `crop_pct` of the short edge. */
function convNextGeometry(read: Reader): Geometry {
  if (!read.flag("do_resize", true)) throw read.refuse("do_resize", "must be on where crop_pct is used");
  const size = read.size("size", "shortest_edge");
  if (size === null || !("shortestEdge" in size))
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

function filterOf(read: Reader, byDefault: ResampleFilterName | null): ResampleFilterName {
  const number = read.number("resample");
  const name = number === null ? byDefault : RESAMPLE_FILTER_NAMES[number];
  if (name === null) throw read.refuse("resample", "is missing, and no processor is named that would tell");
  if (name === undefined) throw read.refuse("resample", `must be 0 to 5, got ${number}`);
  return name;
}
