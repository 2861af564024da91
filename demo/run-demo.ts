import { join, relative } from "node:path";
import { formatTable } from "../src/cli/format-table.js";
import { packageRoot } from "../src/core/package-root.js";
import { embed, evaluate, type HeadName, train } from "../src/index.js";
import { DEMO_SETS } from "./demo-sets.js";

const HEADS: readonly HeadName[] = ["svm", "random-forest"];

const root = packageRoot();
const out = join(root, "out", "demo");
const shown = (path: string): string => relative(process.cwd(), path) || path;
const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const begun = performance.now();
const rows: string[][] = [];
for (const set of DEMO_SETS) {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const embedded = async (name: string, from: { input: string; split?: string }): Promise<string> => {
    const file = join(out, set.folder, `${name}.arrow`);
    await embed({ ...from, input: join(root, from.input), out: file });
    return file;
  };
  const embeddings = await embedded("embeddings", { input: set.input });
  const { elsewhere: other } = set;
  const elsewhere = other && {
    name: other.name,
    file: await embedded("elsewhere", {
      input: other.input,
      ...(other.split !== undefined && { split: other.split }),
    }),
  };
  const embedding = seconds();
  for (const head of HEADS) {
    const from = seconds();
    const file = join(out, set.folder, `${head}.onnx`);
    const trained = await train({ embeddings, out: file, head, cv: 3 });
    const held = [{ name: set.name, file: embeddings }, ...(elsewhere ? [elsewhere] : [])];
    for (const [i, test] of held.entries()) {
      const { metrics, rows: tested } = await evaluate({
        head: file,
        embeddings: test.file,
        ...(i === 0 && { split: "test" }),
      });
      rows.push([
        test.name,
        String(trained.rows),
        String(tested),
        head,
        i === 0 ? percent(trained.metrics!.accuracy.value) : "",
        percent(metrics.accuracy.value),
        `${percent(metrics.accuracy.low)} to ${percent(metrics.accuracy.high)}`,
        percent(metrics.floor),
        i === 0 ? (seconds() - from).toFixed(1) : "",
      ]);
    }
  }
  say(
    `${set.name}: embedded in ${embedding.toFixed(1)} s with ${set.backbone}, heads in ${(seconds() - embedding).toFixed(1)} s`,
  );
}

say("");
const headings = [
  "data set",
  "train",
  "test",
  "head",
  "3-fold",
  "held out",
  "95 % interval",
  "floor",
  "seconds",
];
for (const line of formatTable(rows, headings)) say(line);
const folder = shown(out);
const first = join(folder, DEMO_SETS[0]!.folder);
say(`
held out: accuracy on rows that no head was trained on.  floor: always the largest class.  3-fold: cross-validated on the training rows.
seconds: cross-validating, training, verifying and saving the head, and measuring it.
Files: ${folder}/<set>/embeddings.arrow, svm.onnx, random-forest.onnx. In all ${((performance.now() - begun) / 1000).toFixed(0)} s.

Next:
  npx headstart inspect ${join(first, "svm.onnx")}
  npx headstart predict ${join(folder, "mail", "svm.onnx")} data/spam/built/mail-sample.csv -o out/mail.csv
  npx headstart run pipelines/sentiment.yaml
  npx headstart embed your.csv -o your.arrow && npx headstart train your.arrow -o your.onnx`);
