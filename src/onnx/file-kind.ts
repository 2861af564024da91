import { STAND_INS } from "../core/stand-in.js";

/** What a file is that is no ONNX model, and what to do about it. */
export interface FileKind {
  readonly what: string;
  readonly hint: string;
}

const EXPORT = "Export it: optimum-cli export onnx --model <id> --task feature-extraction <folder>";
const AGAIN = "Download the file itself: hf download <id> --local-dir <folder>";

/** Bytes, as Latin-1, at an offset, by which files are known that people take for a model. */
const MAGIC: readonly [offset: number, bytes: string, kind: FileKind][] = [
  [
    0,
    "PK\u0003\u0004",
    {
      what: "a zip archive, which PyTorch's .bin and .pt files are too",
      hint: `Unpack it, or if it is PyTorch's: ${EXPORT}`,
    },
  ],
  ...[2, 3, 4, 5].map((protocol): [number, string, FileKind] => [
    0,
    `\u0080${String.fromCharCode(protocol)}`,
    { what: "a Python pickle (an old PyTorch .bin)", hint: EXPORT },
  ]),
  [7, "\0{", { what: "a safetensors file", hint: EXPORT }],
  [0, "\u0089HDF", { what: "an HDF5 file (Keras)", hint: "Export it with tf2onnx." }],
  [
    4,
    "TFL3",
    { what: "a TensorFlow Lite model", hint: "Convert it: python -m tf2onnx.convert --tflite <file>" },
  ],
  [
    4,
    "ORTM",
    { what: "a model in ONNX Runtime's own format", hint: "Use the .onnx file that it was made from." },
  ],
  [0, "\u001f\u008b", { what: "gzip-compressed", hint: "Unpack it first: gunzip." }],
  [0, "\u0028\u00b5\u002f\u00fd", { what: "zstd-compressed", hint: "Unpack it first: unzstd." }],
  [0, "GGUF", { what: "a GGUF model (llama.cpp)", hint: EXPORT }],
];

/** Beginnings of text files that are taken for one. */
const TEXTS: readonly [start: RegExp, kind: FileKind][] = [
  [STAND_INS.pointer.start, { what: STAND_INS.pointer.what, hint: `Run git lfs pull, or: ${AGAIN}` }],
  [
    STAND_INS.page.start,
    {
      what: STAND_INS.page.what,
      hint: `The address gave a page, not the file. ${AGAIN}`,
    },
  ],
  [/^\s*<\?xml/i, { what: "XML (an OpenVINO model or an error of a storage service)", hint: EXPORT }],
  [/^\s*(\{\s*("|\}|$)|\[)/, { what: "JSON", hint: "Give the .onnx file itself." }],
];

/** What the bytes are that were taken for an ONNX model; null where nothing is recognised. */
export function foreignKind(bytes: Uint8Array): FileKind | null {
  if (bytes.length === 0) return { what: "empty", hint: `The download or the disk failed. ${AGAIN}` };
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString("latin1");
  if (start.replaceAll("\0", "") === "")
    return { what: "all zeros at its start", hint: `The download did not finish. ${AGAIN}` };
  const byMagic = MAGIC.find(([offset, magic]) => start.startsWith(magic, offset));
  return byMagic?.[2] ?? TEXTS.find(([pattern]) => pattern.test(start))?.[1] ?? null;
}
