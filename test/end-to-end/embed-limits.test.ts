import { beforeAll, describe, expect, it } from "vitest";
import { workplace } from "./run-cli.js";

const { write, json, run, refused } = workplace();
beforeAll(async () => {
  write(
    "reviews.csv",
    "id,text,label,topic\n1,a good film,yes,film\n2,a dull book,no,book\n3,a fine meal,yes,food\n",
  );
  await json(["embed", "reviews.csv", "-o", "x.arrow", "--keep", "topic"]);
});

describe.concurrent("What a new user tries", () => {
  it("does not open a thousand sessions", () =>
    refused(
      ["embed", "reviews.csv", "-o", "y.arrow", "--sessions", "1000"],
      2,
      /At most \d+ sessions/,
      /weights/,
    ));

  it("names kept columns in words where an append does not suit", async () => {
    const { stderr } = await run(["embed", "reviews.csv", "-o", "x.arrow", "--append"]);
    expect(stderr).toContain("kept columns topic (utf8)");
  });

  it("takes embeddings back from .npy with ids in a table of another name, backbone and all", async () => {
    await json(["convert", "x.arrow", "-o", "v.npy", "--rows", "ids.jsonl"]);
    await refused(["convert", "v.npy", "-o", "no.arrow"], 1, /v\.meta\.json is there/, /--ids <file>/);
    await json(["convert", "v.npy", "--ids", "ids.jsonl", "-o", "again.arrow"]);
    const [before, after] = await Promise.all(
      ["x.arrow", "again.arrow"].map((file) => json<Record<string, unknown>>(["inspect", file])),
    );
    expect(after).toEqual({ ...before, path: "again.arrow" });
  });
});
