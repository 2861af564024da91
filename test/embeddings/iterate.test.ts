import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { untilAborted } from "../../src/embeddings/engine/iterate.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

describe("reading until a signal fires", () => {
  it("keeps no value that has passed, so that memory does not grow with the rows", async () => {
    const passed: WeakRef<object>[] = [];
    async function* values() {
      for (let i = 0; i < 50; i++) yield { window: new Array(1000).fill(i) };
    }
    for await (const value of untilAborted(values(), new AbortController().signal)) {
      passed.push(new WeakRef(value));
      await new Promise((resolve) => setImmediate(resolve));
    }
    collectGarbage();
    expect(passed.filter((value) => value.deref() !== undefined).length).toBeLessThan(5);
  });

  it("stops at once, even while the source waits", async () => {
    const abort = new AbortController();
    async function* values() {
      yield 1;
      await new Promise(() => undefined);
    }
    const seen: number[] = [];
    const reading = (async () => {
      for await (const value of untilAborted(values(), abort.signal)) {
        seen.push(value);
        setImmediate(() => abort.abort());
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: "interrupted" });
    expect(seen).toEqual([1]);
  });
});
