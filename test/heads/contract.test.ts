import { HEADS, type HeadName } from "../../src/heads/registry.js";
import { headContract } from "./contract.js";

for (const name of Object.keys(HEADS) as HeadName[]) {
  headContract({ name });
  if (HEADS[name].mljs !== null) headContract({ name, engine: "mljs" });
}
headContract({ name: "linear-svm", set: { multiclass: "crammer-singer" } });
headContract({ name: "nearest-centroid", set: { metric: "cosine" } });
headContract({ name: "logistic-regression", scale: "l2", pca: 0.9 });
