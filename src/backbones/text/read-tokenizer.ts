import { existsSync } from "node:fs";
import { join } from "node:path";
import { HeadstartError } from "../../core/errors.js";
import { canonicalJson, sha256, sha256OfFile } from "../../core/hash.js";
import { readBounded, readJson } from "../read-json.js";

type Json = Readonly<Record<string, unknown>>;

/** A tokenizer's files. */
export interface TokenizerFiles {
  /** `tokenizer.json`, or the same made from older files. */
  readonly json: Json;
  /** `tokenizer_config.json`. */
  readonly settings: Json;
  /** SHA-256 of `tokenizer.json`; of one that was made, of what was made. */
  readonly digest: string;
}

/**
 * Reads a checkpoint's tokenizer: `tokenizer.json`, else `vocab.txt` (WordPiece), else `vocab.json` and `merges.txt`
 * (byte-level BPE, RoBERTa's, GPT-2's or CLIP's).
 * @throws {HeadstartError} `model` if none is there.
 */
export async function readTokenizer(folder: string, family: string): Promise<TokenizerFiles> {
  const settings = (await readJson(join(folder, "tokenizer_config.json"))) ?? {};
  const path = join(folder, "tokenizer.json");
  const json = await readJson(path);
  if (json !== null) return { json, settings, digest: await sha256OfFile(path) };
  const more = (await readJson(join(folder, "special_tokens_map.json"))) ?? {};
  const named = (key: string, other: string): string => contentOf(settings[key] ?? more[key]) ?? other;
  const words = await readText(join(folder, "vocab.txt"));
  // Special tokens and lower case are told by files beside the vocabulary: they count in the digest too.
  const made = (json: Json): TokenizerFiles => ({ json, settings, digest: sha256(canonicalJson(json)) });
  if (words !== null) return made(wordPieceJson(words, settings, named, folder));
  const vocab = await readJson(join(folder, "vocab.json"));
  const merges = await readText(join(folder, "merges.txt"));
  if (vocab !== null && merges !== null) {
    const kind = `${settings.tokenizer_class ?? ""} ${family}`.toLowerCase();
    return made(byteLevelJson(vocab, merges, settings, named, kind, folder));
  }
  const slow = ["sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "spm.model"].find((name) =>
    existsSync(join(folder, name)),
  );
  throw new HeadstartError(
    "model",
    `${folder} has no tokenizer.json${slow ? `, only ${slow}` : ", nor vocab.txt, nor vocab.json with merges.txt"}`,
    {
      facts: { folder },
      hint: "Make it, in Python: transformers.AutoTokenizer.from_pretrained(<id>).save_pretrained(<folder>)",
    },
  );
}

async function readText(path: string): Promise<string | null> {
  return (await readBounded(path))?.toString("utf8") ?? null;
}

/** A token as its words, or as an object that holds them. */
function contentOf(token: unknown): string | null {
  if (typeof token === "string") return token;
  const content = (token as { content?: unknown } | null | undefined)?.content;
  return typeof content === "string" ? content : null;
}

type Named = (key: string, other: string) => string;

/** Added tokens for those of `names` that the vocabulary has. */
function specials(vocab: Json, names: readonly string[]): object[] {
  return [...new Set(names)]
    .filter((content) => typeof vocab[content] === "number")
    .map((content) => ({ id: vocab[content], content, special: true, normalized: false }));
}

function idOf(vocab: Json, token: string, folder: string): number {
  const id = vocab[token];
  if (typeof id === "number") return id;
  throw new HeadstartError("model", `The vocabulary of ${folder} has no '${token}'`, {
    facts: { folder, token },
    hint: "Name the special tokens in tokenizer_config.json.",
  });
}

function wordPieceJson(words: string, settings: Json, named: Named, folder: string): Json {
  const tokens = words.replace(/\r?\n$/, "").split(/\r?\n/);
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const names = {
    cls_token: "[CLS]",
    sep_token: "[SEP]",
    unk_token: "[UNK]",
    pad_token: "[PAD]",
    mask_token: "[MASK]",
  };
  const [cls, sep, unknown, ...rest] = Object.entries(names).map(([key, other]) => named(key, other));
  return {
    added_tokens: specials(vocab, [cls!, sep!, unknown!, ...rest]),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: settings.tokenize_chinese_chars !== false,
      strip_accents: settings.strip_accents ?? null,
      lowercase: settings.do_lower_case !== false,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "BertProcessing",
      cls: [cls, idOf(vocab, cls!, folder)],
      sep: [sep, idOf(vocab, sep!, folder)],
    },
    decoder: null,
    model: { type: "WordPiece", vocab, unk_token: unknown, continuing_subword_prefix: "##" },
  };
}

const CLIP_WORDS =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

function byteLevelJson(
  vocab: Json,
  merges: string,
  settings: Json,
  named: Named,
  kind: string,
  folder: string,
): Json {
  const lines = merges.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#version"));
  const model = { type: "BPE", vocab, merges: lines.map((line) => line.split(" ")) };
  const bytes = { type: "ByteLevel", add_prefix_space: settings.add_prefix_space === true, use_regex: true };
  const framed = (cls: string, sep: string) => ({
    type: "RobertaProcessing",
    cls: [cls, idOf(vocab, cls, folder)],
    sep: [sep, idOf(vocab, sep, folder)],
  });
  if (kind.includes("clip")) {
    const [bos, eos] = [named("bos_token", "<|startoftext|>"), named("eos_token", "<|endoftext|>")];
    return {
      added_tokens: specials(vocab, [bos, eos]),
      normalizer: {
        type: "Sequence",
        normalizers: [
          { type: "NFC" },
          { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
          { type: "Lowercase" },
        ],
      },
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          { type: "Split", pattern: { Regex: CLIP_WORDS }, behavior: "Removed", invert: true },
          { type: "ByteLevel", add_prefix_space: false, use_regex: true },
        ],
      },
      post_processor: framed(bos, eos),
      decoder: null,
      model: { ...model, end_of_word_suffix: "</w>", unk_token: named("unk_token", "<|endoftext|>") },
    };
  }
  if (kind.includes("gpt")) {
    const end = named("eos_token", "<|endoftext|>");
    return {
      added_tokens: specials(vocab, [end]),
      normalizer: null,
      pre_tokenizer: bytes,
      post_processor: null,
      decoder: null,
      model,
    };
  }
  const [cls, sep] = [named("cls_token", "<s>"), named("sep_token", "</s>")];
  const others = [named("unk_token", "<unk>"), named("pad_token", "<pad>")];
  const mask = named("mask_token", "<mask>");
  const lead = specials(vocab, [mask]).map((token) => ({ ...token, lstrip: true }));
  return {
    added_tokens: [...specials(vocab, [cls, sep, ...others]), ...lead],
    normalizer: null,
    pre_tokenizer: bytes,
    post_processor: framed(cls, sep),
    decoder: null,
    model,
  };
}
