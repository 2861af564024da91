"""The parts of tokenizer.json that no family of generate.py has, each in a tokenizer made of them.

Run: python test/golden/families-text/parts.py   (tokenizers 0.23.3)
Writes fixtures/parts.json: by name the tokenizer.json and the ids that the `tokenizers` library gives for texts.py.
Ids must be equal.
"""
import json

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers as n, pre_tokenizers as p, processors, trainers

import generate as g
import tokenizers_tiny as tiny
from texts import CORPUS, TEXTS

GPT4 = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
POSSESSIVE = r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"""


def words(pre, normalizer=None, added=(), post=None, **options):
    """Whole pieces as tokens: shows what the pre-tokenizer cuts."""
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    trainer = trainers.WordLevelTrainer(vocab_size=260, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator(CORPUS[:23] * 2, trainer)
    if added:
        tokenizer.add_tokens(list(added))
    if post is not None:
        tokenizer.post_processor = post
    return tokenizer


def letters(pre, normalizer=None, **options):
    """A vocabulary of single characters and a few merges, byte-level or not."""
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    trainer = trainers.BpeTrainer(vocab_size=200, special_tokens=["<unk>"], show_progress=False, limit_alphabet=90,
                                  **{key: options[key] for key in ("continuing_subword_prefix", "end_of_word_suffix") if key in options})
    tokenizer.train_from_iterator(CORPUS[:23], trainer)
    return tokenizer


def unigram_bytes():
    proto = tiny.unigram()
    vocab = [("<unk>", 0.0)] + [(f"<0x{b:02X}>", -20.0) for b in range(256)] + tiny.pieces_of(proto, [])
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=0, byte_fallback=True))
    tokenizer.pre_tokenizer = p.Metaspace(prepend_scheme="first")
    tokenizer.normalizer = n.Nmt()
    tokenizer.add_special_tokens(["<s>", "[SEP]"])
    return tokenizer


def ignoring_merges():
    tokenizer = letters(p.Sequence([p.Split(Regex(GPT4), "isolated"), p.ByteLevel(add_prefix_space=False, use_regex=False)]))
    value = json.loads(tokenizer.to_str())
    value["model"]["ignore_merges"] = True
    value["model"]["vocab"]["Ġquick"] = len(value["model"]["vocab"])
    value["model"]["vocab"]["Ġ"] = value["model"]["vocab"].get("Ġ", len(value["model"]["vocab"]))
    value["model"]["merges"] = [" ".join(pair) for pair in value["model"]["merges"]]
    return Tokenizer.from_str(json.dumps(value))


ODD = [AddedToken("fox", single_word=True), AddedToken("lazy", lstrip=True, rstrip=True), AddedToken("THE", normalized=True),
       AddedToken("the quick", normalized=True, rstrip=True), AddedToken("dog.", normalized=False), AddedToken("do", normalized=False)]

PARTS = {
    "added-tokens": lambda: words(p.WhitespaceSplit(), n.Lowercase(), ODD),
    "whitespace": lambda: words(p.Whitespace()),
    "punctuation-digits": lambda: words(p.Sequence([p.WhitespaceSplit(), p.Punctuation("merged_with_previous"), p.Digits(individual_digits=True)])),
    "digits-contiguous": lambda: words(p.Sequence([p.Digits(individual_digits=False), p.Punctuation("contiguous")]), n.NFKC()),
    "split-next": lambda: words(p.Split(Regex(r"[aeiou]+"), "merged_with_next"), n.Sequence([n.NFD(), n.StripAccents()])),
    "split-previous": lambda: words(p.Split(" ", "merged_with_previous"), n.Sequence([n.Strip(left=True, right=False), n.Replace(Regex(r"\s+"), " ")])),
    "split-inverted": lambda: words(p.Split(Regex(r"\w+|[^\w\s]"), "removed", invert=True), n.NFKD()),
    "delimiter": lambda: words(p.CharDelimiterSplit(","), n.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)),
    "gpt4": lambda: words(p.Split(Regex(GPT4), "isolated")),
    "possessive": lambda: words(p.Split(Regex(POSSESSIVE), "isolated")),
    "metaspace-never": lambda: words(p.Metaspace(prepend_scheme="never", split=True), n.Nmt(), post=processors.Sequence([
        processors.ByteLevel(), processors.TemplateProcessing(single="[UNK] $A [UNK] [UNK]", pair="$A $B", special_tokens=[("[UNK]", 0)])])),
    "bpe-unknown": lambda: letters(p.WhitespaceSplit(), unk_token="<unk>"),
    "bpe-fused": lambda: letters(p.WhitespaceSplit(), unk_token="<unk>", fuse_unk=True),
    "bpe-prefix-suffix": lambda: letters(p.BertPreTokenizer(), n.BertNormalizer(), unk_token="<unk>", continuing_subword_prefix="@@", end_of_word_suffix="</w>"),
    "bpe-prefix-space": lambda: letters(p.ByteLevel(add_prefix_space=True)),
    "bpe-whole-words": ignoring_merges,
    "unigram-bytes": unigram_bytes,
}

if __name__ == "__main__":
    out = {}
    for name, make in PARTS.items():
        tokenizer = make()
        out[name] = {"json": json.loads(tokenizer.to_str()), "ids": [tokenizer.encode(text).ids for text in TEXTS]}
    g.write_json(g.OUT / "parts.json", out)
    print({name: len(json.dumps(value)) for name, value in out.items()})
