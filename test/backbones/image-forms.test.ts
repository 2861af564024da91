import { describe, expect, it } from "vitest";
import { imagePreprocessor } from "../../src/backbones/image/image-preprocessor.js";
import { configForms } from "../golden/families-image/fixture.js";

describe("a form of preprocessor_config.json", () => {
  it.each(
    configForms().map((form) => [form.name, form] as const),
  )("gives transformers' pixels: %s", async (_, { config, size, pictures, pixels }) => {
    const preprocessor = imagePreprocessor(config);
    expect([preprocessor.height, preprocessor.width]).toEqual(size);
    for (const [i, picture] of pictures.entries()) {
      const prepared = await preprocessor.prepare(picture);
      expect(prepared.length).toBe(pixels[i]!.length);
      let gap = 0;
      for (let j = 0; j < prepared.length; j++) {
        // Bytes that nothing divides are large numbers.
        gap = Math.max(gap, Math.abs(prepared[j]! - pixels[i]![j]!) / Math.max(1, Math.abs(pixels[i]![j]!)));
      }
      expect(gap).toBeLessThanOrEqual(1e-6);
    }
  });
});
