import { Session } from "node:inspector";

interface CoverageReport {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly {
        readonly startOffset: number;
        readonly endOffset: number;
        readonly count: number;
      }[];
    }[];
  }[];
}

/** Which blocks of which scripts have run, by V8's own precise coverage. */
export interface BlockCoverage {
  /**
   * How many blocks ran since the last call that had not run before in its kind of call; they count as seen from now on.
   * @param passes - whether a block that ran twice, four, eight ... times is another than one that ran once.
   */
  takeNew(passes: boolean): number;
  /** Blocks seen so far, passes left out. */
  readonly seen: number;
}

/** Starts counting in the scripts whose URL contains `scripts`. */
export function blockCoverage(scripts: string): BlockCoverage {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const seen = { once: new Set<string>(), passes: new Set<string>() };
  return {
    takeNew(passes) {
      const known = passes ? seen.passes : seen.once;
      let fresh = 0;
      // The session is of this thread: its callback runs before `post` returns.
      session.post("Profiler.takePreciseCoverage", (error, report) => {
        if (error !== null) throw new Error(error.message);
        for (const script of (report as CoverageReport).result) {
          if (!script.url.includes(scripts)) continue;
          for (const { ranges } of script.functions) {
            for (const { startOffset, endOffset, count } of ranges) {
              if (count === 0) continue;
              const times = passes ? Math.min(6, Math.floor(Math.log2(count))) : 0;
              const key = `${script.url}:${startOffset}-${endOffset}:${times}`;
              if (known.has(key)) continue;
              known.add(key);
              fresh++;
            }
          }
        }
      });
      return fresh;
    },
    get seen() {
      return seen.once.size;
    },
  };
}
