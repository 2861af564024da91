import { freemem } from "node:os";

/** Bytes that this process may still take: of the machine, and of the container's limit where there is one. */
export function freeMemory(): number {
  const limit = process.constrainedMemory();
  const left = limit > 0 ? limit - process.memoryUsage.rss() : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(freemem(), left));
}
