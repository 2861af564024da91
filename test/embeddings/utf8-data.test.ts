import { Vector } from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8Data } from "../../src/embeddings/file/utf8-data.js";

describe("a column of text", () => {
  it("gives back each value, whatever stands beside it", () => {
    const value = fc.option(
      fc.string({ unit: fc.constantFrom("a", "é", "😀", "\ud83d", "\ude00", "語"), maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 12 }), (values) => {
        // Half a character is written as the sign for one that cannot be read.
        const expected = values.map((text) => (text === null ? null : Buffer.from(text).toString()));
        expect([...new Vector([utf8Data(values)])]).toEqual(expected);
      }),
      { numRuns: 500, seed: 11 },
    );
  });
});
