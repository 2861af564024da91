"""Writes strange.json: images of every unusual kind, with Pillow's pixels, or their digest where ours must be equal.

Orientation by ImageOps.exif_transpose, transparency by alpha_composite on white, profiles by ImageCms (perceptual).
Run with Pillow 12.0.0:
    python generate_strange.py
"""

import base64
import hashlib
import io
import json
import zlib
from pathlib import Path

import PIL
from generate import encoded, synthetic
from icc_profiles import ADOBE_RGB, DISPLAY_P3, SRGB, SRGB_CURVE, gamma, grey_profile, rgb_profile, srgb_table
from PIL import Image, ImageCms, ImageOps

# Largest difference of a level, where it is not zero: ours and Pillow's decoder or colour engine differ in rounding.
TOLERANCE = {"profile": 1, "avif": 3}


def rgb_of(data: bytes) -> Image.Image:
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def converted(data: bytes, profile: bytes) -> Image.Image:
    srgb = ImageCms.createProfile("sRGB")
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return ImageCms.profileToProfile(Image.open(io.BytesIO(data)), source, srgb, renderingIntent=0, outputMode="RGB")


def without_adobe_marker(jpeg: bytes) -> bytes:
    at = jpeg.index(b"\xff\xee")
    return jpeg[:at] + jpeg[at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big") :]


def main() -> None:
    image = Image.fromarray(synthetic(12, 8).repeat(2, axis=0).repeat(2, axis=1))
    faint = image.copy()
    faint.putalpha(Image.linear_gradient("L").resize(image.size))
    other = ImageOps.invert(image)
    frames = {"save_all": True, "append_images": [other], "duration": 80}
    files = {}
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = turn
        files[f"jpeg, orientation {turn}"] = encoded(image, "JPEG", quality=85, exif=exif)
        files[f"png, orientation {turn}"] = encoded(image, "PNG", exif=exif)
    files |= {
        "png, alpha": encoded(faint, "PNG"),
        "png, grey and alpha": encoded(faint.convert("LA"), "PNG"),
        "png, palette with a transparent colour": encoded(image.convert("P"), "PNG", transparency=3),
        "png, palette of 16": encoded(image.quantize(16), "PNG", bits=4),
        "webp, alpha": encoded(faint, "WEBP", lossless=True, exact=True),
        "webp, animated": encoded(image, "WEBP", lossless=True, **frames),
        "png, animated": encoded(image, "PNG", **frames),
        "gif, animated": encoded(image.convert("P"), "GIF", **frames),
        "gif, transparent": encoded(image.convert("P"), "GIF", transparency=5),
        "tiff, two pages": encoded(image, "TIFF", **frames),
        "tiff, lzw": encoded(image, "TIFF", compression="tiff_lzw"),
        "tiff, palette": encoded(image.quantize(64), "TIFF"),
        "tiff, alpha": encoded(faint, "TIFF"),
        "tiff, one bit": encoded(image.convert("1"), "TIFF", compression="group4"),
        "jpeg, cmyk, inverted as Adobe does": encoded(image.convert("CMYK"), "JPEG", quality=90),
        "jpeg, cmyk, no Adobe marker": without_adobe_marker(encoded(image.convert("CMYK"), "JPEG", quality=90)),
        "jpeg, rgb kept": encoded(image, "JPEG", quality=90, keep_rgb=True),
        "bmp": encoded(image, "BMP"),
        "bmp, grey": encoded(image.convert("L"), "BMP"),
        "bmp, palette": encoded(image.convert("P"), "BMP"),
        "bmp, one bit": encoded(image.convert("1"), "BMP"),
        "bmp, 32 bits": encoded(image.convert("RGBA"), "BMP"),
    }
    cases = []
    for name, data in files.items():
        digest = hashlib.sha256(rgb_of(data).tobytes()).hexdigest()
        cases.append({"name": name, "file": base64.b64encode(data).decode(), "sha256": digest})

    def near(name: str, data: bytes, expected: Image.Image, tolerance: int) -> None:
        pixels = base64.b64encode(zlib.compress(expected.tobytes(), 9)).decode()
        file = base64.b64encode(data).decode()
        cases.append({"name": name, "file": file, "pixels": pixels, "tolerance": tolerance})

    profiles = {
        "Adobe RGB": rgb_profile("wide", ADOBE_RGB, gamma(563 / 256)),
        "Display P3": rgb_profile("P3", DISPLAY_P3, SRGB_CURVE),
    }
    for name, profile in profiles.items():
        data = encoded(image, "PNG", icc_profile=profile)
        near(f"png, {name}", data, converted(data, profile), TOLERANCE["profile"])
        data = encoded(image, "JPEG", quality=90, icc_profile=profile)
        near(f"jpeg, {name}", data, converted(data, profile), TOLERANCE["profile"])
    grey = grey_profile("grey, gamma 1.8", gamma(1.8))
    data = encoded(image.convert("L"), "PNG", icc_profile=grey)
    near("png, grey of gamma 1.8", data, converted(data, grey), TOLERANCE["profile"])
    same = {
        "sRGB with another name": rgb_profile("c2", SRGB, SRGB_CURVE),
        "sRGB as a table": rgb_profile("table", SRGB, srgb_table(256)),
        "damaged": b"no profile at all" * 10,
        "for grey, in a colour image": grey,
    }
    for name, profile in same.items():
        data = encoded(image, "JPEG", quality=90, icc_profile=profile)
        digest = hashlib.sha256(rgb_of(data).tobytes()).hexdigest()
        cases.append({"name": f"jpeg, profile: {name}", "file": base64.b64encode(data).decode(), "sha256": digest})
    data = encoded(image, "AVIF", quality=90, subsampling="4:4:4")
    near("avif, 4:4:4", data, rgb_of(data), TOLERANCE["avif"])
    text = json.dumps({"pillow": PIL.__version__, "cases": cases}, indent=1)
    Path(__file__).with_name("strange.json").write_text(text + "\n")


if __name__ == "__main__":
    assert PIL.__version__ == "12.0.0", PIL.__version__
    main()
