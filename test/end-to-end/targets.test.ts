import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, json, refused } = workplace();
const at = (name: string): string => join(path, name);
beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label"]));
  write("file", "just a file");
  mkdirSync(at("folder"));
  await headstart.embed({ input: at("reviews.csv"), out: at("x.arrow") });
  await headstart.train({ embeddings: at("x.arrow"), out: at("head.onnx"), cv: 0 });
});

/** The commands that write, each with where to. */
const writers = (folder: string): string[][] => [
  ["embed", "reviews.csv", "-o", `${folder}/y.arrow`],
  ["train", "x.arrow", "--cv", "0", "-o", `${folder}/y.onnx`],
  ["predict", "head.onnx", "x.arrow", "-o", `${folder}/y.csv`],
  ["predict", "head.onnx", "reviews.csv", "-o", `${folder}/z.csv`],
];

describe.concurrent("an output folder", () => {
  it("that is not there is made", async () => {
    for (const command of writers("new/deep")) await json(command);
    expect(readdirSync(at("new/deep")).sort()).toEqual(["y.arrow", "y.csv", "y.onnx", "z.csv"]);
  });

  it("that is a file is refused by name", async () => {
    await Promise.all(
      writers("file").map((command) =>
        refused(command, 1, /Cannot write file\/[yz]\./, /Check that the folder/),
      ),
    );
    expect(readFileSync(at("file"), "utf8")).toBe("just a file");
  });

  const writesAnywhere = process.platform === "win32" || process.getuid?.() === 0;
  it.skipIf(writesAnywhere)("without permission is refused by name (skipped for root)", async () => {
    mkdirSync(at("locked"));
    chmodSync(at("locked"), 0o555);
    for (const command of writers("locked")) {
      await refused(command, 1, /Cannot write locked\/[yz]\./, /Check that the folder/);
    }
    expect(readdirSync(at("locked"))).toEqual([]);
  });
});

describe.concurrent("an output file", () => {
  it("that is a folder is wrong usage", async () => {
    await refused(["embed", "reviews.csv", "-o", "folder"], 2, /folder: it is a folder/, /name of a file/);
    await refused(["train", "x.arrow", "-o", "folder"], 2, /folder: it is a folder/, /name of a file/);
    expect(readdirSync(at("folder"))).toEqual([]);
  });

  it("that is the input is wrong usage, and the input stays", async () => {
    const before = ["reviews.csv", "x.arrow", "head.onnx"].map((name) => readFileSync(at(name)));
    const overwritten = /is the input: it would be overwritten/;
    await refused(["embed", "reviews.csv", "-o", "./reviews.csv"], 2, overwritten, /another name/);
    await refused(["train", "x.arrow", "-o", "folder/../x.arrow"], 2, overwritten, /another name/);
    await refused(["predict", "head.onnx", "x.arrow", "-o", "x.arrow"], 2, overwritten, /another name/);
    expect(["reviews.csv", "x.arrow", "head.onnx"].map((name) => readFileSync(at(name)))).toEqual(before);
  });

  it("that is there already is replaced only by a whole one", async () => {
    write("kept.arrow", readFileSync(at("x.arrow")));
    write("bad.csv", "id,text\n1,\n");
    await refused(
      ["embed", "bad.csv", "-o", "kept.arrow"],
      1,
      /The only row of bad.csv could not be embedded/,
      /empty text/,
    );
    expect(readFileSync(at("kept.arrow")).equals(readFileSync(at("x.arrow")))).toBe(true);
  });
});
