import type { Random } from "../../src/core/random.js";

/** Numbers at which readers of binary formats go wrong. */
const ODD_NUMBERS = [0, 1, 127, 128, 255, 256, 32767, 65535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 53 - 1];

/**
 * A changed copy of `input`: one to eight of byte flips, odd numbers, cuts, repeats, splices from `other`, protobuf
 * lengths made longer or shorter, and whole protobuf fields dropped, doubled, swapped or wrapped in themselves.
 */
export function mutate(input: Uint8Array, other: Uint8Array, random: Random, maxBytes: number): Uint8Array {
  let bytes = input;
  const changes = 1 + random.integer(random.integer(8) + 1);
  for (let i = 0; i < changes; i++) {
    const change = CHANGES[random.integer(CHANGES.length)]!;
    bytes = change(bytes, other, random);
    if (bytes.length > maxBytes) bytes = bytes.slice(0, maxBytes);
  }
  return bytes;
}

type Change = (bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

const setByte: Change = (bytes, _other, random) => {
  if (bytes.length === 0) return Uint8Array.of(random.integer(256));
  const copy = bytes.slice();
  copy[random.integer(copy.length)] = random.integer(256);
  return copy;
};

const flipBit: Change = (bytes, _other, random) => {
  if (bytes.length === 0) return bytes;
  const copy = bytes.slice();
  copy[random.integer(copy.length)]! ^= 1 << random.integer(8);
  return copy;
};

const insertNumber: Change = (bytes, _other, random) => {
  const at = random.integer(bytes.length + 1);
  const number = ODD_NUMBERS[random.integer(ODD_NUMBERS.length)]!;
  return replace(bytes, at, at + random.integer(3), varint(number));
};

const cutOut: Change = (bytes, _other, random) => {
  const from = random.integer(bytes.length + 1);
  return replace(bytes, from, from + random.integer(Math.min(64, bytes.length + 1)), new Uint8Array(0));
};

const truncate: Change = (bytes, _other, random) => bytes.slice(0, random.integer(bytes.length + 1));

const repeat: Change = (bytes, _other, random) => {
  const from = random.integer(bytes.length + 1);
  const part = bytes.subarray(from, from + random.integer(48));
  const copies = new Uint8Array(part.length * (1 + random.integer(20)));
  for (let at = 0; at < copies.length; at += part.length) copies.set(part, at);
  return replace(bytes, from, from, copies);
};

const splice: Change = (bytes, other, random) => {
  const from = random.integer(other.length + 1);
  const at = random.integer(bytes.length + 1);
  return replace(bytes, at, at + random.integer(32), other.subarray(from, from + random.integer(128)));
};

/** Where a field of a protobuf message lies, and the message's content if it is a length-delimited one. */
interface Field {
  readonly start: number;
  readonly end: number;
  readonly body: number;
  readonly tag: number;
  readonly wire: number;
}

/** The fields of the message between two offsets, as far as they can be read. */
function fieldsOf(bytes: Uint8Array, from: number, to: number): Field[] {
  const fields: Field[] = [];
  let at = from;
  const read = (): number => {
    let value = 0;
    for (let scale = 1; at < to; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      if (scale > 2 ** 40) break;
    }
    return -1;
  };
  while (at < to && fields.length < 10_000) {
    const start = at;
    const tag = read();
    const wire = tag & 7;
    let body = at;
    if (tag < 8) break;
    if (wire === 0) {
      if (read() < 0) break;
    } else if (wire === 2) {
      const length = read();
      body = at;
      if (length < 0 || at + length > to) break;
      at += length;
    } else if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4;
    else break;
    if (at > to) break;
    fields.push({ start, end: at, body, tag, wire });
  }
  return fields;
}

/** A field chosen by walking down from the top, with the length-delimited fields around it, outermost first. */
function pickField(bytes: Uint8Array, random: Random): { field: Field; around: Field[] } | null {
  const around: Field[] = [];
  let fields = fieldsOf(bytes, 0, bytes.length);
  for (;;) {
    if (fields.length === 0) return null;
    const field = fields[random.integer(fields.length)]!;
    const inner = field.wire === 2 ? fieldsOf(bytes, field.body, field.end) : [];
    const whole = inner.length > 0 && inner.at(-1)!.end === field.end;
    if (!whole || random.next() < 0.25) return { field, around };
    around.push(field);
    fields = inner;
  }
}

/** Replaces a part and writes the lengths of all messages around it anew, so that the file stays well-formed. */
function replaceWithin(
  bytes: Uint8Array,
  around: readonly Field[],
  from: number,
  to: number,
  by: Uint8Array,
): Uint8Array {
  let [start, end, content] = [from, to, by];
  for (const outer of around.toReversed()) {
    const body = replace(
      bytes.subarray(outer.body, outer.end),
      start - outer.body,
      end - outer.body,
      content,
    );
    content = field(outer.tag, body);
    [start, end] = [outer.start, outer.end];
  }
  return replace(bytes, start, end, content);
}

const changeField: Change = (bytes, other, random) => {
  const picked = pickField(bytes, random);
  if (picked === null) return setByte(bytes, other, random);
  const { field: one, around } = picked;
  const whole = bytes.subarray(one.start, one.end);
  const body = bytes.subarray(one.body, one.end);
  const within = (by: Uint8Array) => replaceWithin(bytes, around, one.start, one.end, by);
  switch (random.integer(9)) {
    case 0:
      return within(new Uint8Array(0));
    case 1: {
      const copies = new Uint8Array(whole.length * (2 + random.integer(6)));
      for (let at = 0; at < copies.length; at += whole.length) copies.set(whole, at);
      return within(copies);
    }
    case 2:
      return within(field(one.tag, whole));
    case 3: {
      const donor = pickField(other, random);
      return donor === null ? bytes : within(other.slice(donor.field.start, donor.field.end));
    }
    case 4: {
      const donor = pickField(bytes, random);
      return donor === null ? bytes : within(bytes.slice(donor.field.start, donor.field.end));
    }
    case 5:
      return within(join(varint(8 * (1 + random.integer(26)) + one.wire), bytes.subarray(one.body, one.end)));
    case 6:
      return one.wire === 0
        ? within(join(varint(one.tag), varint(ODD_NUMBERS[random.integer(ODD_NUMBERS.length)]!)))
        : within(field(one.tag, mutateBody(body, random)));
    case 7: {
      // Nested in itself many times: readers that recurse without a limit run out of stack.
      let nested: Uint8Array = whole.length > 64 ? whole.slice(0, 64) : whole;
      for (let depth = random.integer(60); depth > 0; depth--) {
        nested = around.toReversed().reduce((inner, outer) => field(outer.tag, inner), nested);
        if (nested.length > 4096) break;
      }
      return within(nested);
    }
    default: {
      const start = one.wire === 2 ? one.body : one.start;
      const wrong = one.wire === 2 ? Math.max(0, body.length + random.integer(9) - 4) : random.integer(300);
      return replace(bytes, one.start, start, join(varint(one.tag), varint(wrong)));
    }
  }
};

function mutateBody(body: Uint8Array, random: Random): Uint8Array {
  return random.next() < 0.5 ? flipBit(body, body, random) : insertNumber(body, body, random);
}

const CHANGES: readonly Change[] = [
  setByte,
  flipBit,
  insertNumber,
  cutOut,
  truncate,
  repeat,
  splice,
  changeField,
  changeField,
  changeField,
  changeField,
  changeField,
  changeField,
];

function field(tag: number, body: Uint8Array): Uint8Array {
  return join(varint(tag - (tag & 7) + 2), varint(body.length), body);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}

function join(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function replace(bytes: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  return join(bytes.subarray(0, from), by, bytes.subarray(Math.max(from, Math.min(to, bytes.length))));
}
