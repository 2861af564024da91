import { embed } from "./embed.js";
import { evaluate } from "./evaluate.js";
import { train } from "./train/train.js";
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
  /** Rejected rows of all data sets. */
  readonly rejects: number;
  readonly seconds: number;
}

/**
 * Runs a plan: embeds its data sets, then trains and measures its heads, one after the other.
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
  const embeddings = await embedSet(plan.training);
  const further: { name: string; embeddings: EmbedResult }[] = [];
  for (const set of plan.further) further.push({ name: set.name, embeddings: await embedSet(set) });
  const heads: { train: TrainResult; evaluations: PipelineEvaluation[] }[] = [];
  for (const head of plan.heads) {
    onStep?.(`training ${head.head}`);
    const trained = await train({ ...head, ...control });
    const evaluations: PipelineEvaluation[] = [];
    for (const set of [plan.training, ...plan.further]) {
      if (set.evaluate === null) continue;
      const result = await evaluate({
        head: head.out,
        embeddings: set.embed.out,
        ...set.evaluate,
        ...control,
      });
      evaluations.push({ on: set.name, result });
    }
    heads.push({ train: trained, evaluations });
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
    rejects,
    seconds: (performance.now() - begun) / 1000,
  };
}
