/** By `model_type`: the family of the image processor that transformers takes where the file names none. */
const PROCESSORS: Readonly<Record<string, string>> = {
  beit: "Beit",
  bit: "Bit",
  blip: "Blip",
  chinese_clip: "ChineseCLIP",
  clip: "CLIP",
  convnext: "ConvNext",
  convnextv2: "ConvNext",
  "data2vec-vision": "Beit",
  deit: "DeiT",
  detr: "Detr",
  dinov2: "Bit",
  efficientnet: "EfficientNet",
  hiera: "Bit",
  mobilenet_v1: "MobileNetV1",
  mobilenet_v2: "MobileNetV2",
  mobilevit: "MobileViT",
  mobilevitv2: "MobileViT",
  regnet: "ConvNext",
  resnet: "ConvNext",
  sam: "Sam",
  siglip: "Siglip",
  swin: "ViT",
  swinv2: "ViT",
  vit: "ViT",
  vit_mae: "ViT",
  vit_msn: "ViT",
};

/** Where any of these stands, the file says itself how it is to be read. */
const SAYS_ITSELF = [
  "image_processor_type",
  "feature_extractor_type",
  "image_processor",
  "pretrained_cfg",
  "input_size",
];

/**
 * A preprocessor's settings with the processor of the model's family named, where they name none: what transformers
 * does with such a file.
 * @param settings - of preprocessor_config.json.
 * @param config - config.json.
 */
export function withProcessorOfModel<T extends Readonly<Record<string, unknown>>>(
  settings: T,
  { model_type: type }: Readonly<Record<string, unknown>>,
): T | (T & { readonly image_processor_type: string }) {
  const known = typeof type === "string" && Object.hasOwn(PROCESSORS, type) ? PROCESSORS[type] : undefined;
  const saysItself = SAYS_ITSELF.some((key) => settings[key] !== undefined && settings[key] !== null);
  if (known === undefined || saysItself) return settings;
  return { ...settings, image_processor_type: `${known}ImageProcessor` };
}
