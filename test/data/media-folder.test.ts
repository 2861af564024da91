import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDataset } from "../../src/data/open-dataset.js";
import { allRows, temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();
const bytes = new Uint8Array([0xff, 0xd8]);

describe("a folder of images", () => {
  it("without any says which are readable", async () => {
    folder.write("none/notes.md", "words");
    await expect(openDataset(join(folder.path, "none"))).rejects.toMatchObject({
      hint: expect.stringMatching(/^Readable: jpg, /),
    });
    await expect(openDataset(join(folder.path, "none/notes.md"))).rejects.toMatchObject({
      hint: expect.stringMatching(/^Readable: \.csv /),
    });
  });

  it("has its folders as classes, sorted, without hidden and other files", async () => {
    for (const name of [
      "b/2.PNG",
      "b/10.jpg",
      "a/deep/x.webp",
      "top.gif",
      "b/notes.txt",
      "b/.hidden.jpg",
      ".git/x.jpg",
    ]) {
      folder.write(`classes/${name}`, bytes);
    }
    const root = join(folder.path, "classes");
    const dataset = await openDataset(root);
    expect(dataset).toMatchObject({
      modality: "image",
      count: 4,
      guesses: ["labels: the folders' names (2)"],
    });
    expect(await allRows(dataset)).toEqual(
      [
        ["a/deep/x.webp", "a"],
        ["b/10.jpg", "b"],
        ["b/2.PNG", "b"],
        ["top.gif", null],
      ].map(([id, label]) => ({
        state: "row",
        id,
        content: { kind: "image", path: join(root, ...id!.split("/")) },
        label,
        split: null,
        source: id,
      })),
    );
  });

  it("has splits where all topmost folders are called so", async () => {
    for (const name of ["Train/cat/1.jpg", "Train/dog/1.jpg", "test/cat/1.jpg", "test/loose.jpg"]) {
      folder.write(`splits/${name}`, bytes);
    }
    const dataset = await openDataset(join(folder.path, "splits"));
    expect(dataset.guesses).toContain("splits: train, test (by the folders' names)");
    const rows = await allRows(dataset);
    expect(rows.map((row) => row.state === "row" && [row.id, row.split, row.label])).toEqual([
      ["Train/cat/1.jpg", "train", "cat"],
      ["Train/dog/1.jpg", "train", "dog"],
      ["test/cat/1.jpg", "test", "cat"],
      ["test/loose.jpg", "test", null],
    ]);
  });

  it("takes train for a class beside other classes", async () => {
    for (const name of ["train/1.jpg", "bus/1.jpg"]) folder.write(`vehicles/${name}`, bytes);
    const rows = await allRows(await openDataset(join(folder.path, "vehicles")));
    expect(rows.map((row) => row.state === "row" && [row.label, row.split])).toEqual([
      ["bus", null],
      ["train", null],
    ]);
  });

  it("follows no links, and says how many it skipped", async () => {
    folder.write("outside/secret.jpg", bytes);
    folder.write("links/a/1.jpg", bytes);
    symlinkSync(join(folder.path, "outside", "secret.jpg"), join(folder.path, "links", "a", "2.jpg"));
    symlinkSync(join(folder.path, "outside"), join(folder.path, "links", "b"));
    const dataset = await openDataset(join(folder.path, "links"));
    expect(dataset.count).toBe(1);
    expect(dataset.guesses).toContain("2 symbolic links were skipped: links are not followed");
    expect((await allRows(dataset)).map(({ id }) => id)).toEqual(["a/1.jpg"]);
  });

  it("is an error without an image, with columns, or for a backbone of texts", async () => {
    folder.write("none/a.txt", "x");
    mkdirSync(join(folder.path, "empty"));
    for (const name of ["none", "empty"]) {
      await expect(openDataset(join(folder.path, name))).rejects.toMatchObject({
        code: "data",
        message: `${join(folder.path, name)} has no images`,
      });
    }
    const some = join(folder.path, "links");
    await expect(openDataset(some, { label: "label" })).rejects.toMatchObject({ code: "usage" });
    await expect(openDataset(some, { modality: "text" })).rejects.toMatchObject({ code: "data" });
    await expect(openDataset(some, { format: "csv" })).rejects.toMatchObject({ code: "data" });
  });

  it("changes its identity with its files and options", async () => {
    folder.write("identity/a/1.jpg", bytes);
    const root = join(folder.path, "identity");
    const first = (await openDataset(root)).identity;
    expect((await openDataset(root)).identity).toBe(first);
    expect((await openDataset(root, { modality: "image" })).identity).not.toBe(first);
    folder.write("identity/a/2.jpg", bytes);
    expect((await openDataset(root)).identity).not.toBe(first);
  });
});

describe("a single image", () => {
  it("is one row without label", async () => {
    const file = folder.write("one/cat.jpeg", bytes);
    const dataset = await openDataset(file);
    expect(dataset.count).toBe(1);
    expect(await allRows(dataset)).toEqual([
      {
        state: "row",
        id: "cat.jpeg",
        content: { kind: "image", path: file },
        label: null,
        split: null,
        source: "cat.jpeg",
      },
    ]);
  });
});
