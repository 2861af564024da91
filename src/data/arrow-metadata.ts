/** Fields of a schema, those within others included; a damaged one may claim billions, or itself within itself. */
const MOST_FIELDS = 100_000;
const SCHEMA_MESSAGE = 1;
const DICTIONARY_MESSAGE = 2;

/**
 * Checks that the lists in an Arrow file's footer fit into its bytes: Arrow's reader would follow them at any length.
 * Source: Arrow's `File.fbs`, `Schema.fbs`, `Message.fbs`; FlatBuffers' internals.
 * @throws {Error} where one does not.
 */
export function checkFooterBytes(bytes: Buffer): void {
  const view = viewOf(bytes);
  const footer = view.root();
  for (const blocks of [2, 3]) view.list(footer, blocks, 24);
  checkSchema(view, view.table(footer, 1));
}

/**
 * Checks the same of a message of a stream or file.
 * @returns the bytes of the body that follows it.
 * @throws {Error} where a list does not fit.
 */
export function checkMessageBytes(bytes: Buffer): number {
  const view = viewOf(bytes);
  const message = view.root();
  const header = view.table(message, 2);
  const type = view.byte(message, 1);
  if (type === SCHEMA_MESSAGE) checkSchema(view, header);
  else if (header !== null) {
    const batch = type === DICTIONARY_MESSAGE ? view.table(header, 1) : header;
    if (batch !== null) {
      for (const lists of [1, 2]) view.list(batch, lists, 16);
      view.list(batch, 4, 8);
    }
  }
  return view.long(message, 3);
}

function checkSchema(view: View, schema: number | null): void {
  if (schema === null) throw new Error("it has no schema");
  let left = MOST_FIELDS;
  const visit = (holder: number, slot: number, depth: number): void => {
    const list = view.list(holder, slot, 4);
    if (list === null) return;
    left -= list.length;
    if (left < 0 || depth > 64) throw new Error(`its schema claims more than ${MOST_FIELDS} fields`);
    for (let i = 0; i < list.length; i++) {
      const field = view.follow(list.start + 4 * i);
      view.list(field, 6, 4);
      if (view.table(field, 0) === null) throw new Error("a column has no name");
      visit(field, 5, depth + 1);
    }
  };
  view.list(schema, 2, 4);
  visit(schema, 1, 0);
}

interface View {
  root(): number;
  /** Where the table, list or text begins that an offset at `at` leads to. */
  follow(at: number): number;
  table(holder: number, slot: number): number | null;
  byte(holder: number, slot: number): number;
  long(holder: number, slot: number): number;
  list(
    holder: number,
    slot: number,
    size: number,
  ): { readonly start: number; readonly length: number } | null;
}

/** FlatBuffers as far as is needed; every read outside the bytes throws a `RangeError`. */
function viewOf(bytes: Buffer): View {
  const slotOf = (holder: number, slot: number): number | null => {
    const vtable = holder - bytes.readInt32LE(holder);
    const at = 4 + 2 * slot;
    if (at >= bytes.readUInt16LE(vtable)) return null;
    const offset = bytes.readUInt16LE(vtable + at);
    return offset === 0 ? null : holder + offset;
  };
  const follow = (at: number): number => at + bytes.readUInt32LE(at);
  return {
    root: () => follow(0),
    follow,
    table: (holder, slot) => {
      const at = slotOf(holder, slot);
      return at === null ? null : follow(at);
    },
    byte: (holder, slot) => {
      const at = slotOf(holder, slot);
      return at === null ? 0 : bytes.readUInt8(at);
    },
    long: (holder, slot) => {
      const at = slotOf(holder, slot);
      return at === null ? 0 : Number(bytes.readBigInt64LE(at));
    },
    list: (holder, slot, size) => {
      const at = slotOf(holder, slot);
      if (at === null) return null;
      const start = follow(at);
      const length = bytes.readUInt32LE(start);
      if (start + 4 + length * size > bytes.length)
        throw new Error("a list in its metadata is longer than the metadata");
      return { start: start + 4, length };
    },
  };
}
