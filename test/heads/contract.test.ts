import { HEADS, type HeadName } from "../../src/heads/registry.js";
import { headContract } from "./contract.js";

for (const name of Object.keys(HEADS) as HeadName[]) {
  headContract({ name });
  if (HEADS[name].mljs !== null) headContract({ name, engine: "mljs" });
}
