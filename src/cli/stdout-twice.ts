import { HeadstartError } from "../core/errors.js";

/** `--json` and `-o -`: two documents on one stdout. */
export function stdoutTwice(): HeadstartError {
  return new HeadstartError("usage", "--json and -o - both write to stdout", {
    hint: "Give the output a name, or leave out --json.",
  });
}
