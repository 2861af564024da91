/** Small safetensors files of every type that is read, one with metadata, one without a tensor. */
export function seedSafetensors(): Uint8Array[] {
  const tensor = (dtype: string, shape: number[], from: number, to: number) => ({
    dtype,
    shape,
    data_offsets: [from, to],
  });
  return [
    safetensors({}, 0),
    safetensors({ weight: tensor("F32", [2, 3], 0, 24) }, 24),
    safetensors(
      {
        __metadata__: { format: "pt" },
        "linear.weight": tensor("F16", [2, 2], 0, 8),
        "linear.bias": tensor("BF16", [2], 8, 12),
        scalar: tensor("F32", [], 12, 16),
      },
      16,
    ),
  ];
}

function safetensors(header: object, bytes: number): Uint8Array {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return new Uint8Array(Buffer.concat([length, text, Buffer.alloc(bytes, 0x3c)]));
}
