import { HeadstartError } from "../../core/errors.js";
import { checkSearch } from "../search/check-search.js";
import { checkTraining } from "../train/check-training.js";
import type { SearchOptions } from "../types/search-types.js";
import type { EmbedOptions, EvaluateOptions, RunControl, TrainOptions } from "../types.js";
import type { Pipeline, PipelineData } from "./schema.js";

/** A data set to embed, with the name that figures call it by. */
export interface PlannedSet {
  readonly name: string;
  readonly embed: Omit<EmbedOptions, keyof RunControl>;
  /** Whether, and on which rows, heads are measured on it. */
  readonly evaluate: Pick<EvaluateOptions, "split" | "group"> | null;
}

/** A head to train. */
export type PlannedHead = Omit<TrainOptions, keyof RunControl> & { readonly out: string };

/** A search for a head, and how many candidates it compares. */
export interface PlannedSearch extends Omit<SearchOptions, keyof RunControl> {
  readonly out: string;
  readonly candidates: number;
}

/** Everything that a pipeline does, with every default filled in that names a file. */
export interface PipelinePlan {
  readonly name: string;
  readonly training: PlannedSet;
  readonly heads: readonly PlannedHead[];
  /** Null where nothing is searched. */
  readonly search: PlannedSearch | null;
  /** Sets that heads are measured on, beyond the training set. */
  readonly further: readonly PlannedSet[];
}

/**
 * What a pipeline will do; reads and writes nothing.
 * @throws {HeadstartError} `config` if two steps would write the same file; `usage` for options that heads do not have, and
 *   for what cannot be searched, as `train` and `search` say it.
 */
export function planPipeline(pipeline: Pipeline): PipelinePlan {
  const { name, evaluate } = pipeline;
  const folder = `out/${name}`;
  const embeddings = pipeline.embeddings ?? `${folder}/embeddings.arrow`;
  const heads = (pipeline.heads ?? (pipeline.head ? [pipeline.head] : [])).map(
    ({ name: head, ...options }) => {
      const out = `${folder}/${head}${options.engine === "mljs" ? "-mljs" : ""}.onnx`;
      return { embeddings, head, out, ...options };
    },
  );
  const further = (pipeline.evaluateOn ?? []).map(({ name: set, data, split }) => ({
    name: set,
    embed: embedOptions(pipeline, data, `${folder}/${set}.arrow`),
    evaluate: split === undefined ? {} : { split },
  }));
  for (const head of heads) checkTraining(head);
  const search =
    pipeline.search === undefined
      ? null
      : { embeddings, out: `${folder}/best.onnx`, ...pipeline.search, candidates: 0 };
  if (search !== null) search.candidates = checkSearch(search).length;
  refuseSameFile(name, [
    embeddings,
    ...heads.map(({ out }) => out),
    ...(search === null ? [] : [search.out]),
    ...further.map(({ embed }) => embed.out),
  ]);
  return {
    name,
    training: { name, embed: embedOptions(pipeline, pipeline.data, embeddings), evaluate: evaluate ?? null },
    heads,
    search,
    further,
  };
}

function embedOptions(
  pipeline: Pipeline,
  data: PipelineData,
  out: string,
): Omit<EmbedOptions, keyof RunControl> {
  const { backbone, store } = pipeline;
  const file = { ...data, out, ...(store !== undefined && { store }) };
  if (backbone === undefined) return file;
  if (typeof backbone === "string") return { ...file, backbone };
  const { id, ...options } = backbone;
  return { ...file, backbone: id, ...options };
}

function refuseSameFile(name: string, files: readonly string[]): void {
  const twice = files.find((file, i) => files.indexOf(file) !== i);
  if (twice === undefined) return;
  throw new HeadstartError("config", `Pipeline '${name}' would write ${twice} twice`, {
    facts: { name, file: twice },
    hint: "Give each head, and the search, an 'out' of its own.",
  });
}
