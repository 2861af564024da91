import { describe, expect, it } from "vitest";
import type { DatasetOptions } from "../../src/data/dataset-options.js";
import { openDataset } from "../../src/data/open-dataset.js";
import type { Dataset } from "../../src/data/row.js";
import { temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();
let files = 0;
const open = (csv: string, options: DatasetOptions = {}): Promise<Dataset> =>
  openDataset(folder.write(`table${files++}.csv`, csv), options);

describe("the columns of a table", () => {
  it("are guessed by name, whatever the case", async () => {
    const dataset = await open("Review,Sentiment,UUID,Fold\nfine film,1,a,2\n");
    expect(dataset.columns).toEqual({ content: "Review", label: "Sentiment", id: "UUID", split: "Fold" });
    expect(dataset.guesses).toHaveLength(4);
  });

  it("are guessed by their values: the only free text", async () => {
    const dataset = await open("rating,opinion,user\n5,it was good,ann\n1,it was bad,bob\n");
    expect(dataset.columns).toEqual({ content: "opinion", label: null, id: null, split: null });
    expect(dataset.guesses[0]).toBe('text column: "opinion" (the only column with free text)');
    expect(dataset.guesses[1]).toMatch(/^ids: "table\d+.csv:LINE" \(no id column\)$/);
  });

  it("are guessed by their values: by far the longest text", async () => {
    const dataset = await open(`author,opinion\nAnn Lee,${"a long story ".repeat(9)}\n`);
    expect(dataset.guesses[0]).toBe('text column: "opinion" (by far the longest text)');
  });

  it("are guessed by their values: the only words", async () => {
    const dataset = await open("word,class,n\nabandon,negative,1\n");
    expect(dataset.columns).toMatchObject({ content: "word", label: "class" });
  });

  it("are guessed as images where nothing else could be meant, or the backbone wants them", async () => {
    expect(await open("file,label\na/b.jpg,x\n")).toMatchObject({
      modality: "image",
      columns: { content: "file" },
    });
    const both = "file,caption\na/b.jpg,a red car\n";
    expect(await open(both)).toMatchObject({ modality: "text", columns: { content: "caption" } });
    expect(await open(both, { modality: "image" })).toMatchObject({
      modality: "image",
      columns: { content: "file" },
    });
  });

  it("are an error with the flag where several could be meant", async () => {
    await expect(open("review,comment,label\na b,c d,x\n")).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining('"review" and "comment" could all be the text column'),
      hint: "Name it with --text. Columns: review, comment, label",
    });
    await expect(open("a,b\none two,three four\n")).rejects.toMatchObject({
      hint: expect.stringContaining("--text"),
    });
    await expect(open("text,class,category\na,b,c\n")).rejects.toMatchObject({
      hint: expect.stringContaining("--label"),
    });
    await expect(open("a,b\n1,2\n")).rejects.toMatchObject({
      message: expect.stringContaining("no column looks like text"),
    });
    await expect(open("text\na b\n", { modality: "image" })).rejects.toMatchObject({
      hint: expect.stringContaining("--image"),
    });
  });

  it("are the named ones, and an empty name means none", async () => {
    const dataset = await open("text,label,topic,id\na,b,c,d\n", { text: "topic", label: "text", id: "" });
    expect(dataset.columns).toEqual({ content: "topic", label: "text", id: null, split: null });
    expect(dataset.guesses).toHaveLength(1);
  });

  it("are an error where a named one is missing, or there twice", async () => {
    const file = folder.write("reviews.csv", "id,text,label\n1,a,b\n");
    await expect(openDataset(file, { text: "txt" })).rejects.toMatchObject({
      code: "data",
      message: "reviews.csv has no column 'txt'",
      hint: "Columns: id, text, label",
    });
    await expect(openDataset(file, { split: "part" })).rejects.toMatchObject({ code: "data" });
    await expect(open("text,text\na,b\n")).rejects.toMatchObject({
      message: expect.stringContaining("2 columns named 'text'"),
    });
  });

  it("cannot be asked for in contradiction", async () => {
    const csv = "text,image\na,b.jpg\n";
    await expect(open(csv, { text: "text", image: "image" })).rejects.toMatchObject({ code: "usage" });
    await expect(open(csv, { text: "text", modality: "image" })).rejects.toMatchObject({ code: "usage" });
    await expect(open(csv, { maxTextLength: 0 })).rejects.toMatchObject({ code: "usage" });
    await expect(open(csv, { format: "xml" as "csv" })).rejects.toMatchObject({ code: "usage" });
  });
});
