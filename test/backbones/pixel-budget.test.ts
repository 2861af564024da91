import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pixelBudget } from "../../src/backbones/preprocess/pixel-budget.js";

describe("a budget of pixels", () => {
  it("holds no more than the total, but for an image that is alone, lets all in, in turn", async () => {
    const images = fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(images, fc.infiniteStream(fc.nat(3)), async (sizes, pauses) => {
        const budget = pixelBudget(100);
        const order: number[] = [];
        let inside = 0;
        await Promise.all(
          sizes.map(async (pixels, i) => {
            const giveBack = await budget.take(pixels);
            order.push(i);
            if (pixels > 0) inside++;
            if (inside > 1) expect(budget.held).toBeLessThanOrEqual(100);
            for (let pause = pauses.next().value; pause > 0; pause--) await Promise.resolve();
            if (pixels > 0) inside--;
            giveBack();
            giveBack();
          }),
        );
        expect(order).toEqual(sizes.map((_, i) => i));
        expect(budget.held).toBe(0);
      }),
    );
  });
});
