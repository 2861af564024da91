/** Pieces of a vocabulary, found by walking their code points from a root. */
export interface UnigramTrie {
  /**
   * The class of each code point of the text; 0 where no piece contains it.
   * @param text - well-formed or not: a lone surrogate counts as one code point.
   */
  classes(text: string): Int32Array;
  /** The node one step below `node` (the root is 0), or 0 if no piece goes on that way. */
  step(node: number, codePointClass: number): number;
  /** The id of the piece that ends at a node, or -1. */
  pieceAt(node: number): number;
}

/**
 * Builds the trie.
 * @param pieces - by id; of equal pieces the last stands.
 * @param from - the first id that text may give; those before it are left out.
 */
export function unigramTrie(pieces: readonly string[], from: number): UnigramTrie {
  const alphabet = new Map<number, number>();
  for (const piece of pieces.slice(from)) {
    for (const character of piece) {
      const code = character.codePointAt(0)!;
      if (!alphabet.has(code)) alphabet.set(code, alphabet.size + 1);
    }
  }
  // One number names a node and a way down from it, small enough to stay an integer in the engine.
  const width = alphabet.size + 1;
  const children = new Map<number, number>();
  const ends: number[] = [-1];
  for (let id = from; id < pieces.length; id++) {
    let node = 0;
    for (const character of pieces[id]!) {
      const key = node * width + alphabet.get(character.codePointAt(0)!)!;
      let child = children.get(key);
      if (child === undefined) {
        child = ends.push(-1) - 1;
        children.set(key, child);
      }
      node = child;
    }
    if (node !== 0) ends[node] = id;
  }
  const pieceOf = Int32Array.from(ends);
  return {
    classes(text) {
      const found = new Int32Array(text.length);
      let count = 0;
      for (let i = 0; i < text.length; count++) {
        const code = text.codePointAt(i)!;
        found[count] = alphabet.get(code) ?? 0;
        i += code > 0xffff ? 2 : 1;
      }
      return found.subarray(0, count);
    },
    step: (node, codePointClass) =>
      codePointClass === 0 ? 0 : (children.get(node * width + codePointClass) ?? 0),
    pieceAt: (node) => pieceOf[node]!,
  };
}
