import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { REVIEWS } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, json, run, refused } = workplace();
const at = (name: string): string => join(path, name);

/** Rows of one sentence are of one writer, whatever its time: a head that has seen one knows the others. */
const writerOf = (id: string): string => `w${id.split("-")[1]}`;

beforeAll(async () => {
  const lines = REVIEWS.map(({ id, review, label, split }, i) => {
    const writer = i === 3 ? "" : writerOf(id);
    return `${id},"${review}",${label},${split},${writer},${i % 2 === 0 ? "even" : "odd"},all`;
  });
  write("reviews.csv", `id,review,label,split,writer,half,same\n${lines.join("\n")}\n`);
  await headstart.embed({ input: at("reviews.csv"), out: at("x.arrow"), keep: ["writer", "half", "same"] });
  await headstart.embed({ input: at("reviews.csv"), out: at("none.arrow") });
});

describe.concurrent("--group", () => {
  it("keeps the rows of one value together, as the API's groupOf does", async () => {
    const grouped = await json<headstart.TrainResult>(["train", "x.arrow", "--group", "writer", "--cv", "4"]);
    expect(grouped.groups).toEqual({ column: "writer", duplicates: false, groups: 11, without: 1 });
    expect(grouped.warnings).toContain("1 row has no value in 'writer': each is a group of its own");
    const named = await headstart.train({
      embeddings: at("x.arrow"),
      cv: 4,
      groupOf: ({ id }) => (id === REVIEWS[3]!.id ? id : writerOf(id)),
    });
    expect(grouped.cv).toEqual(named.cv);
    expect(grouped.metrics).toEqual(named.metrics);
    const alone = await headstart.train({ embeddings: at("x.arrow"), cv: 4 });
    expect(alone.groups).toBeNull();
    expect(grouped.metrics!.accuracy.value).toBeLessThan(alone.metrics!.accuracy.value);
  });

  it("is told in the head's record and on the terminal, together with near-duplicates", async () => {
    const out = at("grouped.onnx");
    const { code, stdout } = await run([
      "train",
      "x.arrow",
      "-o",
      out,
      "--group",
      "writer",
      "--group-duplicates",
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/groups +\d+ of 'writer' and near-duplicates, none on both sides of a fold/);
    const inspected = await headstart.inspect(out);
    expect(JSON.stringify(inspected)).toContain("groups of 'writer' and of near-duplicates kept whole");
  });

  it("warns where the test split has groups of the training rows", async () => {
    const trained = await json<headstart.TrainResult>([
      "train",
      "x.arrow",
      "--group",
      "writer",
      "-o",
      "head.onnx",
    ]);
    const shared = { column: "writer", checked: 10, rows: 10, groups: 10, example: "w0" };
    expect(trained.sharedGroups).toEqual(shared);
    expect(trained.warnings.join("\n")).toMatch(
      /10 of 10 rows of split 'test' are of 10 groups of 'writer' that training rows are of too, such as 'w0'/,
    );
    const measured = await json<headstart.EvaluateResult>([
      "evaluate",
      "head.onnx",
      "x.arrow",
      "--group",
      "writer",
    ]);
    expect(measured.sharedGroups).toEqual(shared);
    const train = await json<headstart.EvaluateResult>([
      ...["evaluate", "head.onnx", "x.arrow", "--group", "writer", "--split", "train"],
    ]);
    expect(train.sharedGroups).toBeNull();
    expect(train.warnings.join()).toMatch(/no rows of another split whose 'writer' could be compared/);
  });

  it("holds for search and audit", async () => {
    const found = await json<headstart.SearchResult>([
      ...[
        "search",
        "x.arrow",
        "--group",
        "writer",
        "--head",
        "nearest-centroid",
        "--cv",
        "3",
        "--nested",
        "3",
      ],
    ]);
    expect(found.groups).toMatchObject({ column: "writer", groups: 11 });
    expect(found.measured).toContain("groups of 'writer' kept whole");
    const audited = await json<headstart.AuditResult>(["audit", "x.arrow", "--group", "writer", "--cv", "3"]);
    expect(audited.groups).toMatchObject({ column: "writer", groups: 11 });
    expect(audited.warnings.join()).toContain("1 row has no value in 'writer'");
  });

  it("is refused where the column was not kept, naming those that were", async () => {
    const missing = /x.arrow keeps no column 'user'/;
    const remedy = /Kept: writer, half, same. To group by another column, embed again with --keep user/;
    await refused(["train", "x.arrow", "--group", "user"], 2, missing, remedy);
    await refused(["train", "x.arrow", "--group", "user", "--cv", "0"], 2, missing, remedy);
    await refused(["search", "x.arrow", "--group", "user"], 2, missing, remedy);
    await refused(
      ["audit", "none.arrow", "--group", "user"],
      2,
      /none.arrow keeps no column 'user'/,
      /embed again/,
    );
  });

  it("is refused where there are fewer groups than folds", async () => {
    await refused(
      ["train", "x.arrow", "--group", "half"],
      1,
      /There are 2 groups, fewer than the 5 folds/,
      /2 folds/,
    );
  });

  it("is refused where the column has one value only, whatever the command", async () => {
    for (const command of ["train", "search", "audit"]) {
      await refused(
        [command, "x.arrow", "--group", "same"],
        1,
        /Column 'same' has one value only in the 50 rows of x.arrow: grouped cross-validation needs two groups/,
        /--group/,
      );
    }
  });
});

describe("a pipeline", () => {
  it("groups, repeats and keeps as the commands do", async () => {
    write(
      "p.yaml",
      `version: 1
name: grouped
data: { input: reviews.csv, keep: [writer] }
store: fp16
head: { name: nearest-centroid, cv: 3, repeats: 2, group: writer, groupDuplicates: true }
evaluate: { group: writer }
`,
    );
    const result = await json<headstart.PipelineResult>(["run", "p.yaml"]);
    expect(result.embeddings).toMatchObject({ store: "fp16", kept: [{ name: "writer", type: "utf8" }] });
    const [{ train, evaluations }] = result.heads as [headstart.PipelineResult["heads"][0]];
    expect(train.cv).toMatchObject({ folds: 3, repeats: 2 });
    expect(train.groups).toMatchObject({ column: "writer", duplicates: true });
    expect(evaluations[0]!.result.sharedGroups).toMatchObject({ rows: 10 });
  });
});
