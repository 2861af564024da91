"""Tiny random checkpoints of sound encoders, exported to ONNX, with the vectors that transformers gives.

For contributors; the tests read what this writes and need no Python.

    pip install torch==2.13.0 torchaudio transformers onnx onnxscript soundfile
    python generate.py

Weights are random (seed 0), the networks tiny, the architectures those of transformers. Sounds are synthetic.
`golden.json` holds, for each checkpoint and sound, the mean over time of the last hidden state (float32), one
sound at a time, and for the feature extractors their values at some places; `resample.json` holds what torchaudio
gives. Tolerances are in test/backbones/audio-*.test.ts.
"""

import gzip
import json
import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import onnx
import soundfile
import torch

warnings.filterwarnings("ignore")
torch.version.cuda = None  # torchaudio refuses another CUDA than torch's; resampling needs none.
import torchaudio  # noqa: E402
from transformers import (  # noqa: E402
    ASTConfig,
    ASTFeatureExtractor,
    ASTModel,
    HubertConfig,
    HubertModel,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    Wav2Vec2ForSequenceClassification,
    Wav2Vec2Model,
    WavLMConfig,
    WavLMModel,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperModel,
)

HERE = Path(__file__).parent
RATE = 16_000


def sounds():
    """name -> (samples [frames, channels] float64 in -1..1, rate, soundfile subtype)"""
    rng = np.random.default_rng(7)
    t = np.arange(4_000) / RATE
    noise = rng.normal(0, 0.2, 5_003)
    sweep_t = np.arange(int(44_100 * 0.3)) / 44_100
    sweep = np.sin(2 * np.pi * (200 + 3_000 * sweep_t) * sweep_t)
    long_t = np.arange(19_200) / RATE
    return {
        "sine": (0.6 * np.sin(2 * np.pi * 440 * t)[:, None], RATE, "PCM_16"),
        "noise": (noise[:, None], RATE, "FLOAT"),
        "silence": (np.zeros((3_200, 1)), RATE, "PCM_U8"),
        "short": (0.5 * np.sin(2 * np.pi * 900 * t[:440])[:, None], RATE, "PCM_24"),
        "long": ((0.4 * np.sin(2 * np.pi * 300 * long_t) * np.exp(-long_t))[:, None], RATE, "PCM_16"),
        "stereo": (np.stack([0.7 * sweep, 0.2 * np.cos(40 * sweep_t)], 1), 44_100, "PCM_16"),
        "phone": (0.5 * np.sin(2 * np.pi * 700 * np.arange(1_700) / 8_000)[:, None], 8_000, "ULAW"),
    }


def mono(path):
    """What the project hears: the mean of the channels, resampled by torchaudio."""
    data, rate = soundfile.read(path, dtype="float64", always_2d=True)
    samples = torch.from_numpy(data.mean(axis=1).astype(np.float32))
    return torchaudio.functional.resample(samples, rate, RATE).numpy()


CONVS = dict(conv_dim=(8, 8, 8), conv_kernel=(10, 4, 3), conv_stride=(5, 4, 4), num_feat_extract_layers=3)
SMALL = dict(
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=24,
    num_conv_pos_embeddings=8,
    num_conv_pos_embedding_groups=2,
    vocab_size=12,
    apply_spec_augment=False,
    **CONVS,
)
LAYER_NORM = dict(feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True)


class Outputs(torch.nn.Module):
    """The model as exporters wrap it: tensors in, one tensor out."""

    def __init__(self, model, output):
        super().__init__()
        self.model, self.output = model, output

    def forward(self, sounds, attention_mask=None):
        named = {self.model.main_input_name: sounds}
        if attention_mask is not None:
            named["attention_mask"] = attention_mask
        return self.model(**named)[self.output]


def export(model, folder, sample, mask, output, file="model.onnx"):
    os.makedirs(folder / "onnx", exist_ok=True)
    name = model.main_input_name
    names = [name, "attention_mask"] if mask else [name]
    args = (sample, torch.ones(sample.shape, dtype=torch.int64)) if mask else (sample,)
    waveform = sample.dim() == 2
    axes = {0: "batch", 1: "samples"} if waveform else {0: "batch"}
    dynamic = {one: axes for one in names}
    dynamic[output] = {0: "batch", 1: "frames"} if waveform and output == "last_hidden_state" else {0: "batch"}
    if waveform and output == "logits" and isinstance(model, Wav2Vec2ForCTC):
        dynamic[output] = {0: "batch", 1: "frames"}
    path = folder / "onnx" / file
    torch.onnx.export(
        Outputs(model, output), args, str(path), input_names=names, output_names=[output],
        dynamic_axes=dynamic, opset_version=17, dynamo=False,
    )
    graph = onnx.load(path)
    for node in graph.graph.node:
        node.doc_string = ""
    path.unlink()
    path.with_suffix(".onnx.gz").write_bytes(gzip.compress(graph.SerializeToString(), 9, mtime=0))


def shake(model):
    """Weights under which sounds differ; those of a fresh network are so small that all give nearly one vector."""
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        scaled = noise / parameter[0].numel() ** 0.5 if parameter.dim() > 1 else parameter + 0.2 * noise
        parameter.data = scaled.bfloat16().float()  # Half of the bytes are zeros, which gzip likes.
    model.eval()


def write_config(model, extractor, folder):
    keep = {
        key: value
        for key, value in model.config.to_dict().items()
        if key in ("model_type", "architectures", "hidden_size", "d_model", "conv_kernel", "conv_stride",
                   "feat_extract_norm", "add_adapter", "num_mel_bins")
    }
    keep["architectures"] = [type(model).__name__]
    (folder / "config.json").write_text(json.dumps(keep, indent=1) + "\n")
    described = json.loads(extractor.to_json_string())
    described.pop("mel_filters", None)
    (folder / "preprocessor_config.json").write_text(json.dumps(described, indent=1) + "\n")


def checkpoints():
    """name, model, extractor, whether the export reads a mask, output, file"""
    plain = Wav2Vec2FeatureExtractor(return_attention_mask=False)
    masked = Wav2Vec2FeatureExtractor(return_attention_mask=True)
    as_is = Wav2Vec2FeatureExtractor(return_attention_mask=False, do_normalize=False)
    state = "last_hidden_state"
    yield "wav2vec2", Wav2Vec2Model(Wav2Vec2Config(**SMALL)), plain, False, state
    yield "wav2vec2-masked", Wav2Vec2Model(Wav2Vec2Config(**SMALL, **LAYER_NORM)), masked, True, state
    yield "hubert", HubertModel(HubertConfig(**SMALL)), plain, True, state
    yield "hubert-masked", HubertModel(HubertConfig(**SMALL, **LAYER_NORM)), masked, True, state
    yield "wavlm", WavLMModel(WavLMConfig(**SMALL, num_buckets=16)), as_is, False, state
    yield "wavlm-masked", WavLMModel(WavLMConfig(**SMALL, **LAYER_NORM, num_buckets=16)), masked, True, state
    labels = dict(num_labels=3, classifier_proj_size=10)
    yield "wav2vec2-classifier", Wav2Vec2ForSequenceClassification(Wav2Vec2Config(**SMALL, **labels)), plain, False, "logits"
    yield "wav2vec2-ctc", Wav2Vec2ForCTC(Wav2Vec2Config(**SMALL)), plain, False, "logits"
    whisper = WhisperConfig(
        d_model=16, encoder_layers=2, encoder_attention_heads=2, encoder_ffn_dim=24, decoder_layers=1,
        decoder_attention_heads=2, decoder_ffn_dim=24, vocab_size=20, num_mel_bins=16, max_source_positions=50,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )
    yield "whisper", WhisperModel(whisper), WhisperFeatureExtractor(feature_size=16, chunk_length=1), False, state
    ast = ASTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, patch_size=8,
        frequency_stride=8, time_stride=8, max_length=64, num_mel_bins=16,
    )
    yield "ast", ASTModel(ast), ASTFeatureExtractor(num_mel_bins=16, max_length=64), False, "pooler_output"


def feature(model, output, inputs):
    """The vector of one sound, as the project defines it for the family."""
    if output == "logits":  # The classifier is cut off, with what was trained for its labels.
        return model.wav2vec2(**inputs).last_hidden_state.mean(dim=1)[0]
    if output == "pooler_output":
        return model(**inputs).pooler_output[0]
    return model(**inputs).last_hidden_state.mean(dim=1)[0]


def write_resampling():
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.3, 700).astype(np.float32)
    cases = []
    for rate, wanted, count in [(44_100, RATE, 700), (48_000, RATE, 700), (8_000, RATE, 150), (22_050, RATE, 333),
                                (11_025, RATE, 100), (96_000, RATE, 700), (16_001, RATE, 200), (44_100, RATE, 1),
                                (RATE, 44_100, 90), (4_000, RATE, 3)]:
        out = torchaudio.functional.resample(torch.from_numpy(noise[:count]), rate, wanted).numpy()
        cases.append(dict(rate=rate, wanted=wanted, count=count, output=[round(float(v), 7) for v in out]))
    text = json.dumps(dict(noise=[round(float(v), 7) for v in noise], cases=cases))
    (HERE / "resample.json").write_text(text + "\n")


def feature_extractors():
    """The real settings, at places spread over the whole: their spectrograms are too large to be stored."""
    for name, extractor in [
        ("whisper-80", WhisperFeatureExtractor()),
        ("whisper-128", WhisperFeatureExtractor(feature_size=128)),
        ("ast", ASTFeatureExtractor()),
        ("wav2vec2", Wav2Vec2FeatureExtractor()),
    ]:
        described = json.loads(extractor.to_json_string())
        described.pop("mel_filters", None)
        values = {}
        for sound in ("sine", "noise", "stereo"):
            out = extractor(mono(HERE / "sounds" / f"{sound}.wav"), sampling_rate=RATE, return_tensors="np")
            flat = next(iter(out.values()))[0].astype(np.float64).ravel()
            places = np.unique(np.concatenate([np.arange(0, flat.size, max(1, flat.size // 150)),
                                               np.arange(20)]))
            values[sound] = dict(size=flat.size, sum=float(flat.sum()), places=places.tolist(),
                                 values=[round(float(v), 6) for v in flat[places]])
        yield name, dict(config=described, sounds=values)


def main():
    shutil.rmtree(HERE / "sounds", ignore_errors=True)
    shutil.rmtree(HERE / "fixtures", ignore_errors=True)
    os.makedirs(HERE / "sounds")
    for name, (samples, rate, subtype) in sounds().items():
        soundfile.write(HERE / "sounds" / f"{name}.wav", samples, rate, subtype=subtype)
    write_resampling()
    heard = {name: mono(HERE / "sounds" / f"{name}.wav") for name in sounds()}
    golden = {}
    for name, model, extractor, mask, output in checkpoints():
        shake(model)
        folder = HERE / "fixtures" / name
        encoder = model.get_encoder() if name == "whisper" else model
        encoder.main_input_name = "input_features" if name == "whisper" else "input_values"
        vectors = {}
        with torch.no_grad():
            for sound, samples in heard.items():
                inputs = extractor(samples, sampling_rate=RATE, return_tensors="pt")
                inputs = {key: value for key, value in inputs.items() if key == encoder.main_input_name}
                vectors[sound] = [float(np.float32(v)) for v in feature(encoder, output, inputs)]
            inputs = extractor(heard["sine"], sampling_rate=RATE, return_tensors="pt")[encoder.main_input_name]
            export(encoder, folder, inputs, mask, output, "encoder_model.onnx" if name == "whisper" else "model.onnx")
        write_config(model, extractor, folder)
        if name == "whisper":  # Has a tokenizer too: its decoder's.
            (folder / "vocab.json").write_text("{}\n")
        golden[name] = vectors
    (HERE / "golden.json").write_text(json.dumps(dict(vectors=golden, extractors=dict(feature_extractors()))) + "\n")


if __name__ == "__main__":
    main()
