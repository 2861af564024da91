// Adds vectors to the cache, ten at a time, until it is killed; prints how many it has added.
// Usage: node cache-process.mjs <first>
import { setTimeout as sleep } from "node:timers/promises";
import { contentHash } from "../../../dist/src/core/hash.js";
import { openVectorCache } from "../../../dist/src/embeddings/cache/vector-cache.js";

const first = Number(process.argv[2]);
const { fingerprint, dim } = JSON.parse(process.env.CACHE_TEST_BACKBONE);
const cache = await openVectorCache({ fingerprint, spec: { id: "tiny", dim } }, { asOf: Date.now() });
for (let n = first; n < first + 100_000; n += 10) {
  const numbers = Array.from({ length: 10 }, (_, i) => n + i);
  await cache.add(
    numbers.map((one) => contentHash(`content ${one}`)),
    numbers.map((one) =>
      Float32Array.from({ length: dim }, (_, j) => Math.sin(one * 7 + j) * 1e-3 ** (j % 4)),
    ),
  );
  process.stdout.write(`${n + 10 - first}\n`);
  await sleep(1);
}
