"""The texts that every tiny checkpoint is tried on, and the words that the tiny tokenizers are trained on."""

TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "",
    " ",
    "a",
    "It's so laddish and juvenile, only teenage boys could find it funny!",
    "Café naïve coöperate — façade, Ångström; ﬁne ½ №5",
    "Cafe\u0301 nai\u0308ve a\u0323\u0302 e\u0301\u0301",
    "I ❤️ 🍕 and 👩‍👩‍👧‍👦, 🇫🇷!",
    "東京は日本の首都です。中文，字符𠀀",
    "Москва ПРИВЕТ ёлка й",
    "مرحبا بالعالم हिन्दी में",
    "한국어 텍스트",
    "tabs\tand\nnew\r\nlines\u00a0and\u2003wide \u200bzero\u200d width",
    "[CLS] not special? [SEP] [MASK][PAD] [UNK]",
    "<s> </s><pad> <mask> <unk> <|endoftext|> <|startoftext|>x",
    "numbers 3.14159 1,000,000 -7 1e-9 ²³ ٣٤",
    "``quoted'' text's we've WON'T I'M they'LL",
    "  leading   and trailing   spaces   ",
    "ALLCAPS MiXeD İstanbul ſtraße ǅ ΑΣ ς",
    "control\u0000\u0001\u0007chars\u007f\ufffd\ufeff\u00adend",
    "punct...!!!???((({{{<<<###@@@$$$%%%^^^&&&***~~~+++===|||\\\\//``",
    "supercalifragilisticexpialidocious" * 4,
    "the quick brown fox jumps over the lazy dog and runs away " * 12,
]

CORPUS = TEXTS + [
    "the film was a quick and funny thing, and the boys could find it lazy",
    "she sells sea shells by the sea shore; the dog runs over the brown fox",
    "numbers like 12 and 345 and 6789 are text too, they jump away",
    "Le café est très bon, l'été à Paris; où est la façade?",
] * 4
