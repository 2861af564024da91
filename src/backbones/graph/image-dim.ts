/**
 * The length of an image vector where the graph leaves it open, as config.json has it; null where it says nothing.
 * @param layer - the tensor that the vector is made of.
 */
export function imageDim(config: Readonly<Record<string, unknown>>, layer: string): number | null {
  const vision = config.vision_config;
  const side = vision !== null && typeof vision === "object" ? (vision as typeof config) : config;
  const projected = layer === "image_embeds" ? (config.projection_dim ?? side.projection_dim) : undefined;
  const stages = Array.isArray(side.hidden_sizes) ? (side.hidden_sizes as unknown[]).at(-1) : undefined;
  const sizes = [projected, side.hidden_size, stages, config.num_features];
  return sizes.find((size) => typeof size === "number") ?? null;
}
