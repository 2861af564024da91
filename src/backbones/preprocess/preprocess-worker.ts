import { parentPort, workerData } from "node:worker_threads";
import { sentError } from "../../core/sent-error.js";
import type { Backbone } from "../backbone.js";
import { type Gate, type Medium, prepareContent } from "./content.js";
import { preprocessorOf } from "./preprocessor-of.js";
import type { FromThread, ThreadData, ToThread } from "./thread-messages.js";
import { packTokens, tokensOf } from "./tokenised.js";

/** A thread of `preprocessPool`: makes the preprocessor from its recipe, and prepares what it is sent. */
const port = parentPort!;
const send = (message: FromThread, transfer: readonly ArrayBufferLike[] = []): void =>
  port.postMessage(message, transfer as ArrayBuffer[]);

/** Questions of tasks that wait for an answer: one at a time each. */
const asked = new Map<number, (wanted: boolean) => void>();
const ask = (message: FromThread & { readonly task: number }): Promise<boolean> =>
  new Promise((resolve) => {
    asked.set(message.task, resolve);
    send(message);
  });

async function prepare(preprocessor: Backbone["preprocessor"], task: number, medium: Medium): Promise<void> {
  if (preprocessor.kind === "text") throw new TypeError("Texts are tokenised, not prepared");
  const gate: Gate = {
    wanted: (hash) => ask({ kind: "wanted", task, hash: Uint8Array.from(hash) }),
    admit: async (pixels) => {
      await ask({ kind: "admit", task, pixels });
    },
  };
  const content = await prepareContent(preprocessor, medium, gate);
  const hash = Uint8Array.from(content.hash);
  // A sound that is part of a longer buffer is sent without the rest of it.
  const input = content.input === null ? null : wholeBuffer(content.input);
  send(
    { kind: "prepared", task, content: { ...content, hash, input } },
    input === null ? [] : [input.buffer],
  );
}

function wholeBuffer(values: Float32Array): Float32Array {
  return values.byteLength === values.buffer.byteLength ? values : values.slice();
}

function tokenise(preprocessor: Backbone["preprocessor"], task: number, texts: readonly string[]): void {
  if (preprocessor.kind !== "text") throw new TypeError("Only texts are tokenised");
  const packed = packTokens(texts.map((text) => tokensOf(preprocessor, text)));
  const { ids, lengths, truncated } = packed;
  send({ kind: "tokenised", task, packed }, [ids.buffer, lengths.buffer, truncated.buffer]);
}

try {
  const preprocessor = await preprocessorOf((workerData as ThreadData).recipe);
  port.on("message", (message: ToThread) => {
    const { task } = message;
    const run = async (): Promise<void> => {
      if (message.kind === "prepare") await prepare(preprocessor, task, message.medium);
      else if (message.kind === "tokenise") tokenise(preprocessor, task, message.texts);
      else {
        const answer = asked.get(task)!;
        asked.delete(task);
        answer(message.wanted);
      }
    };
    run().catch((thrown: unknown) => send({ kind: "failed", task, error: sentError(thrown) }));
  });
  send({ kind: "ready" });
} catch (thrown) {
  send({ kind: "unusable", error: sentError(thrown) });
}
