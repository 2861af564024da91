import { embed } from "./embed.js";
import { evaluate } from "./evaluate.js";
import { search } from "./search/search.js";
import { train } from "./train/train.js";
import type { SearchResult } from "./types/search-types.js";
import type { EmbedOptions, EmbedResult, EvaluateResult, RunControl, TrainResult } from "./types.js";
import type { PipelinePlan, PlannedSet } from "./yaml/plan-pipeline.js";

export interface RunPipelineOptions extends RunControl, Pick<EmbedOptions, "onError" | "restart" | "cache"> {
  /** Called with a sentence as each step begins. */
  readonly onStep?: (step: string) => void;
}

/** How a head does on one set of rows. */
export interface PipelineEvaluation {
  /** The pipeline's name for its own rows, or a name out of `evaluateOn`. */
  readonly on: string;
  readonly result: EvaluateResult;
}

/** What every step of a pipeline gave. */
export interface PipelineResult {
  readonly name: string;
  readonly embeddings: EmbedResult;
  readonly further: readonly { readonly name: string; readonly embeddings: EmbedResult }[];
  /** In the order of the pipeline. */
  readonly heads: readonly {
    readonly train: TrainResult;
    readonly evaluations: readonly PipelineEvaluation[];
  }[];
  /** Null where nothing was searched. */
  readonly search: {
    readonly result: SearchResult;
    readonly evaluations: readonly PipelineEvaluation[];
  } | null;
  /** Rejected rows of all data sets. */
  readonly rejects: number;
  readonly seconds: number;
}

/**
 * Runs a plan: embeds its data sets, then trains and measures its heads, one after the other, and last what a search finds.
 * Embeddings are always written anew, except that an interrupted run is taken up where it stopped; known vectors come from
 * the cache.
 * @throws what the steps throw; files of finished steps stay.
 */
export async function runPipeline(
  plan: PipelinePlan,
  options: RunPipelineOptions = {},
): Promise<PipelineResult> {
  const begun = performance.now();
  const { onStep, onError, restart, ...control } = options;
  const embedding = {
    ...control,
    ...(onError === undefined ? {} : { onError }),
    ...(restart === undefined ? {} : { restart }),
  };
  const embedSet = (set: PlannedSet): Promise<EmbedResult> => {
    onStep?.(`embedding ${set.embed.input}`);
    return embed({ ...set.embed, ...embedding });
  };
  const measure = async (head: string): Promise<PipelineEvaluation[]> => {
    const evaluations: PipelineEvaluation[] = [];
    for (const set of [plan.training, ...plan.further]) {
      if (set.evaluate === null) continue;
      const result = await evaluate({ head, embeddings: set.embed.out, ...set.evaluate, ...control });
      evaluations.push({ on: set.name, result });
    }
    return evaluations;
  };
  const embeddings = await embedSet(plan.training);
  const further: { name: string; embeddings: EmbedResult }[] = [];
  for (const set of plan.further) further.push({ name: set.name, embeddings: await embedSet(set) });
  const heads: { train: TrainResult; evaluations: PipelineEvaluation[] }[] = [];
  for (const head of plan.heads) {
    onStep?.(`training ${head.head}`);
    const trained = await train({ ...head, ...control });
    heads.push({ train: trained, evaluations: await measure(head.out) });
  }
  let searched: PipelineResult["search"] = null;
  if (plan.search !== null) {
    const { candidates, ...options } = plan.search;
    onStep?.(`searching the best of ${candidates} candidate${candidates === 1 ? "" : "s"}`);
    const result = await search({ ...options, ...control });
    searched = { result, evaluations: await measure(options.out) };
  }
  const rejects = [embeddings, ...further.map((set) => set.embeddings)].reduce(
    (sum, set) => sum + set.rejects,
    0,
  );
  return {
    name: plan.name,
    embeddings,
    further,
    heads,
    search: searched,
    rejects,
    seconds: (performance.now() - begun) / 1000,
  };
}
