import { HeadstartError } from "../../core/errors.js";
import type { HeadRecipe } from "../../heads/head.js";
import { createHead, type Engine, type HeadName, headEntry } from "../../heads/registry.js";
import type { Scale } from "../../heads/transforms/fit-transforms.js";
import { type PcaOptions, parsePca } from "../../heads/transforms/pca-options.js";
import { DEFAULT_GRIDS, type Grid, MLJS_GRIDS } from "./default-grids.js";

/** What is to be tried: each head with each combination of its options, scalings and projections. */
export interface SearchSpace {
  /** In the order in which ties are settled. */
  readonly heads: readonly string[];
  /** Default `headstart`. */
  readonly engine?: Engine | undefined;
  /**
   * Values by option; each goes to the heads that have that option, `svm.gamma` to the svm alone. A head that gets
   * none is searched over {@link DEFAULT_GRIDS}.
   */
  readonly grid?: Grid | undefined;
  /** Default `["auto"]`. */
  readonly scales?: readonly (Scale | "auto")[] | undefined;
  /** Projections, null for none. Default `[null]`. */
  readonly pcas?:
    | readonly (number | { readonly components: number; readonly whiten?: boolean } | null)[]
    | undefined;
  /** Of every head. Default 0. */
  readonly seed?: number | undefined;
}

/** A candidate of the search: options as they were asked for, scaling and projection resolved. */
export interface Candidate extends HeadRecipe {
  readonly engine: Engine;
  readonly set: Readonly<Record<string, unknown>>;
  readonly scale: Scale;
  readonly pca: PcaOptions | undefined;
  readonly seed: number;
}

/** More could not be looked through in one list. */
const MOST_CANDIDATES = 10_000;

/**
 * All candidates of a space, validated: heads in their order, then scalings, projections and options, the last option
 * varying fastest. What comes to the same is listed once.
 * @throws {HeadstartError} `usage` for a head or option that does not exist, an option that none of the heads has, a
 *   value that a head refuses, a precomputed kernel, or more than 10,000 candidates.
 */
export function recipesOfSpace(space: SearchSpace): Candidate[] {
  const { engine = "headstart", scales = ["auto"], pcas = [null], seed = 0 } = space;
  const grids = gridsByHead(space);
  const total = [...grids.values()].reduce(
    (sum, grid) =>
      sum + scales.length * pcas.length * Object.values(grid).reduce((n, values) => n * values.length, 1),
    0,
  );
  if (total > MOST_CANDIDATES) {
    throw new HeadstartError("usage", `The search has ${total} candidates, more than ${MOST_CANDIDATES}`, {
      facts: { candidates: total, most: MOST_CANDIDATES },
      hint: "Give fewer values, or fewer options at a time.",
    });
  }
  const found = new Map<string, Candidate>();
  for (const [name, grid] of grids) {
    for (const wanted of scales) {
      for (const projection of pcas) {
        for (const set of combinations(grid)) {
          if (createHead(name, { set, engine, seed }).scaling === "none") throw precomputed(name);
          const scale = wanted === "auto" ? headEntry(name).scaling : wanted;
          const pca = projection === null ? undefined : parsePca(projection);
          const candidate = Object.freeze({ name, engine, set, scale, pca, seed });
          const key = JSON.stringify(candidate);
          if (!found.has(key)) found.set(key, candidate);
        }
      }
    }
  }
  return [...found.values()];
}

function gridsByHead({ heads, engine = "headstart", grid = {} }: SearchSpace): Map<string, Grid> {
  if (heads.length === 0) throw new HeadstartError("usage", "A search needs at least one head");
  const grids = new Map<string, Record<string, readonly unknown[]>>(heads.map((name) => [name, {}]));
  const optionsOf = new Map(heads.map((name) => [name, Object.keys(schemaOf(name, engine))]));
  for (const [key, values] of Object.entries(grid)) {
    if (values.length === 0) {
      throw new HeadstartError("usage", `The grid has no value for '${key}'`, { facts: { option: key } });
    }
    const [, only, option = key] = /^([^.]+)\.(.+)$/.exec(key) ?? [];
    const takers = heads.filter(
      (name) => (only === undefined || only === name) && optionsOf.get(name)!.includes(option),
    );
    if (takers.length === 0) throw noTaker(key, only, optionsOf);
    for (const name of takers) grids.get(name)![option] = values;
  }
  const defaults: Readonly<Record<string, Grid>> = engine === "headstart" ? DEFAULT_GRIDS : MLJS_GRIDS;
  return new Map(
    [...grids].map(([name, own]) => [name, Object.keys(own).length > 0 ? own : (defaults[name] ?? {})]),
  );
}

/** Options of a head by name; refuses heads and engines that do not exist. */
function schemaOf(name: string, engine: Engine): object {
  createHead(name, { engine });
  const entry = headEntry(name as HeadName);
  return (engine === "headstart" ? entry : entry.mljs!).options.shape;
}

function noTaker(
  key: string,
  only: string | undefined,
  optionsOf: ReadonlyMap<string, readonly string[]>,
): HeadstartError {
  const heads = [...optionsOf.keys()];
  const known = only !== undefined && optionsOf.has(only) ? [only] : heads;
  return new HeadstartError(
    "usage",
    only !== undefined && !optionsOf.has(only)
      ? `The grid has '${key}', but '${only}' is not among the heads`
      : `${known.join(", ")} ${known.length === 1 ? "has" : "have"} no option '${key.slice(key.indexOf(".") + 1)}'`,
    {
      facts: { option: key, heads },
      hint: known
        .map((name) => `Options of ${name}: ${optionsOf.get(name)!.join(", ") || "none"}.`)
        .join(" "),
    },
  );
}

function precomputed(head: string): HeadstartError {
  return new HeadstartError("usage", "A precomputed kernel cannot be searched over", {
    facts: { head },
    hint: "Its columns belong to training rows, which change from fold to fold. Leave it out of the grid.",
  });
}

/** Every combination of one value an option. */
function combinations(grid: Grid): Readonly<Record<string, unknown>>[] {
  return Object.entries(grid).reduce<Record<string, unknown>[]>(
    (sets, [option, values]) => sets.flatMap((set) => values.map((value) => ({ ...set, [option]: value }))),
    [{}],
  );
}
