import type { Backbone, Encoder } from "../../backbones/backbone.js";

/** One run that nobody waits for later: accelerators choose and compile their kernels at the first. */
export async function warmUp({ preprocessor }: Backbone, encoder: Encoder): Promise<void> {
  if (encoder.device === "cpu") return;
  if (preprocessor.kind === "text") await encoder.encodeTexts([preprocessor.encode("warm").ids]);
  if (preprocessor.kind === "image") {
    await encoder.encodeImages([new Float32Array(3 * preprocessor.width * preprocessor.height)]);
  }
}
