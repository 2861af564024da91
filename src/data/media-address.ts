import type { Fetcher } from "./fetch-address.js";
import { mediaContent } from "./media-content.js";
import type { MediaKind } from "./media-kind.js";
import type { Dataset } from "./row.js";

/** One image or sound at an address as a data set of one row; it is fetched when the row is read. */
export function mediaFromAddress(address: string, kind: MediaKind, fetcher: Fetcher): Dataset {
  return Object.freeze({
    name: address,
    modality: kind,
    columns: { content: null, label: null, id: null, split: null },
    kept: [],
    guesses: [],
    count: 1,
    shareRead: () => null,
    identity: null,
    async *rows() {
      const content = await mediaContent(address, "address", { kind, folder: ".", fetcher });
      if ("reason" in content)
        yield { state: "rejected", id: address, source: address, reason: content.reason };
      else yield { state: "row", id: address, content, label: null, split: null, source: address };
    },
  } satisfies Dataset);
}
