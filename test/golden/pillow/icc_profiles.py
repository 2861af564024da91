"""Small ICC profiles, made from their defining numbers (ICC.1:2010; primaries adapted to D50)."""

import struct

D50 = (0.9642, 1.0, 0.8249)
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
DISPLAY_P3 = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))


def fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def xyz(values: tuple) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(fixed, values))


def description(name: str) -> bytes:
    text = name.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 79


def gamma(exponent: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(exponent * 256)) + b"\0\0"


def srgb_table(length: int) -> bytes:
    levels = [i / (length - 1) for i in range(length)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in levels]
    return b"curv\0\0\0\0" + struct.pack(f">I{length}H", length, *[round(x * 65535) for x in linear])


SRGB_CURVE = b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + b"".join(
    map(fixed, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)


def profile(space: bytes, tags: dict) -> bytes:
    offset = 132 + 12 * len(tags)
    table, body = b"", b""
    for name, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += name + struct.pack(">II", offset + len(body), len(value))
        body += value
    head = struct.pack(">I4xI4s4s4s6H4s", offset + len(body), 0x02400000, b"mntr", space, b"XYZ ", 2020, 1, 1, 0, 0, 0, b"acsp")
    head = head.ljust(68, b"\0") + b"".join(map(fixed, D50))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def rgb_profile(name: str, primaries: tuple, curve: bytes) -> bytes:
    tags = {b"desc": description(name), b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz(D50)}
    tags |= dict(zip([b"rXYZ", b"gXYZ", b"bXYZ"], map(xyz, primaries)))
    return profile(b"RGB ", tags | {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def grey_profile(name: str, curve: bytes) -> bytes:
    return profile(
        b"GRAY", {b"desc": description(name), b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz(D50), b"kTRC": curve}
    )
