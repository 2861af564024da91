"""A tiny tokenizer for each family, trained here on a few sentences, of the kind that the family really has."""
import io
import pathlib
import tempfile

import sentencepiece as spm
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    AlbertTokenizer, BertTokenizer, CamembertTokenizer, CLIPTokenizer, DebertaTokenizer, DebertaV2Tokenizer,
    GPT2Tokenizer, LlamaTokenizer, MPNetTokenizer, PreTrainedTokenizerFast, Qwen2Tokenizer, RobertaTokenizer,
    XLMRobertaTokenizer,
)

from texts import CORPUS


def wordpiece_vocab(specials, size=260, lowercase=True):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    # Few characters, so that some words stay unknown.
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=specials, limit_alphabet=70, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return dict(sorted(tokenizer.get_vocab().items(), key=lambda item: item[1]))


def byte_bpe(specials, size=400, pre=None):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre or pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=specials, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    import json
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(merge) for merge in model["merges"]]


# A normalisation table small enough to commit; sentencepiece compiles it as it compiles its own nmt_nfkc.
RULES = {
    "\u00a0": " ", "\u2003": " ", "\t": " ", "\n": " ", "\r": " ", "\u200b": " ", "ﬁ": "fi", "½": "1⁄2", "…": "...",
    "²": "2", "³": "3", "，": ",", "e\u0301": "é", "i\u0308": "ï", "\u007f": "", "\u0001": "", "\u0007": "",
    "\ufeff": "", "\u00ad": "", "№": "No", "ſ": "s", "ǅ": "Dž", "\ufffd": " ",
}


def unigram(size=200, **options):
    with tempfile.TemporaryDirectory() as folder:
        rules = pathlib.Path(folder) / "rules.tsv"
        lines = [" ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) for a, b in RULES.items()]
        rules.write_text("\n".join(lines) + "\n")
        model = io.BytesIO()
        spm.SentencePieceTrainer.train(
            sentence_iterator=iter([text for text in CORPUS if text.strip() and "\0" not in text]), model_writer=model,
            vocab_size=size, model_type=options.get("kind", "unigram"), character_coverage=0.98, minloglevel=2,
            byte_fallback=options.get("byte_fallback", False),
            hard_vocab_limit=False, normalization_rule_tsv=str(rules), num_threads=1, max_sentence_length=100000,
        )
    from sentencepiece import sentencepiece_model_pb2 as pb
    proto = pb.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto


def pieces_of(proto, specials):
    kept = [(p.piece, round(p.score, 4)) for p in proto.pieces if p.type not in (2, 3)]
    return [(name, 0.0) for name in specials] + kept


def with_charsmap(tokenizer, proto, before=(), after=()):
    """The normaliser that published checkpoints have: the compiled table, then runs of spaces made one."""
    charsmap = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    steps = [*before, charsmap, normalizers.Replace(__import__("tokenizers").Regex(" {2,}"), " "), *after]
    tokenizer.backend_tokenizer.normalizer = normalizers.Sequence(steps)
    return tokenizer


def bert(**kw):
    return BertTokenizer(vocab=wordpiece_vocab(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], **kw))


def bert_cased():
    return BertTokenizer(vocab=wordpiece_vocab(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], lowercase=False), do_lower_case=False)


def mpnet():
    return MPNetTokenizer(vocab=wordpiece_vocab(["<s>", "<pad>", "</s>", "[UNK]", "<mask>"]))


def roberta():
    vocab, merges = byte_bpe(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer = RobertaTokenizer(vocab=vocab, merges=merges)
    from tokenizers import AddedToken
    tokenizer.add_special_tokens({"mask_token": AddedToken("<mask>", lstrip=True, special=True)})
    return tokenizer


def deberta():
    vocab, merges = byte_bpe(["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"])
    return DebertaTokenizer(vocab=vocab, merges=merges)


def gpt2():
    vocab, merges = byte_bpe(["<|endoftext|>"])
    return GPT2Tokenizer(vocab=vocab, merges=merges, pad_token="<|endoftext|>")


def qwen2():
    vocab, merges = byte_bpe(["<|endoftext|>"])
    return Qwen2Tokenizer(vocab=vocab, merges=merges, padding_side="left")


def modernbert():
    """GPT-NeoX's tokenizer under BERT's special tokens, as ModernBERT has it."""
    vocab, merges = byte_bpe(["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"])
    tokenizer = Tokenizer(models.BPE(vocab, merges))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:0 [SEP]:0",
        special_tokens=[("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]"
    )


def clip():
    """Byte-level BPE whose words end in </w>."""
    from tokenizers import Regex
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    words = r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(words), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    trainer = trainers.BpeTrainer(vocab_size=600, end_of_word_suffix="</w>", initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(CORPUS[:23], trainer)
    import json
    model = json.loads(tokenizer.to_str())["model"]
    vocab = dict(model["vocab"])
    for letter in sorted(pre_tokenizers.ByteLevel.alphabet()):
        vocab.setdefault(letter + "</w>", len(vocab))
    for special in ("<|startoftext|>", "<|endoftext|>"):
        vocab[special] = len(vocab)
    return CLIPTokenizer(vocab=vocab, merges=[tuple(merge) for merge in model["merges"]])


def xlm_roberta():
    proto = unigram()
    vocab = pieces_of(proto, ["<s>", "<pad>", "</s>", "<unk>"])
    return with_charsmap(XLMRobertaTokenizer(vocab=vocab), proto)


def camembert():
    proto = unigram()
    vocab = pieces_of(proto, ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>"])
    return with_charsmap(CamembertTokenizer(vocab=vocab), proto)


def albert():
    proto = unigram()
    vocab = pieces_of(proto, ["<pad>", "<unk>", "[CLS]", "[SEP]"])
    tokenizer = AlbertTokenizer(vocab=vocab)
    quotes = [normalizers.Replace("``", '"'), normalizers.Replace("''", '"')]
    return with_charsmap(tokenizer, proto, before=[*quotes, normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])


def deberta_v2():
    proto = unigram()
    return DebertaV2Tokenizer(vocab=pieces_of(proto, ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]), unk_id=3)


def llama():
    """BPE of sentencepiece with bytes for what it does not know; a beginning token before each text."""
    proto = unigram(kind="bpe", byte_fallback=True, size=420)
    vocab = {piece.piece: i for i, piece in enumerate(proto.pieces)}
    scores = {piece.piece: piece.score for piece in proto.pieces if piece.type == 1}
    merges = []
    for piece in sorted((p for p in scores if len(p) > 1), key=lambda p: -scores[p]):
        splits = [(piece[:i], piece[i:]) for i in range(1, len(piece)) if piece[:i] in scores and piece[i:] in scores]
        merges += sorted(splits, key=lambda pair: (vocab[pair[0]], vocab[pair[1]]))
    tokenizer = LlamaTokenizer(vocab=vocab, merges=merges, pad_token="</s>")
    tokenizer.backend_tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.backend_tokenizer.pre_tokenizer = None
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    return tokenizer


def siglip():
    """Lower case, punctuation gone, one space between words; padded to the whole length."""
    from tokenizers import Regex
    proto = unigram()
    vocab = pieces_of(proto, ["<pad>", "</s>", "<unk>"])
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=2))
    punctuation = Regex("[" + "".join("\\" + c for c in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + "]")
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Lowercase(), normalizers.Replace(punctuation, ""), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip(),
        normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="</s>", eos_token="</s>", unk_token="<unk>")
