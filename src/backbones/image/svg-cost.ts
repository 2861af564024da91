/** An element of an SVG: what it holds, and what it draws by reference. */
interface Element {
  readonly name: string;
  readonly children: Element[];
  /** Ids that it refers to. */
  readonly references: readonly string[];
}

/** What drawing an SVG takes, by its text alone. */
export interface SvgCost {
  /** Elements that are drawn, each as often as it is referred to; at most `CEILING`. */
  readonly elements: number;
  /** Steps of filters among them. */
  readonly filterSteps: number;
}

const CEILING = 1e9;

/** Elements inside one another, beyond which a document counts as endless. */
const DEEPEST = 500;

/** Follows every reference of a document and counts what has to be drawn. */
export function svgCost(text: string): SvgCost {
  const { root, byId } = elementsOf(text);
  const known = new Map<Element, SvgCost>();
  const open = new Set<Element>();
  const endless = { elements: CEILING, filterSteps: CEILING };
  const costOf = (element: Element): SvgCost => {
    const before = known.get(element);
    if (before !== undefined) return before;
    if (open.size > DEEPEST) return endless;
    open.add(element);
    let elements = 1;
    let filterSteps = /^(?:\w+:)?fe[A-Z]/.test(element.name) ? 1 : 0;
    const targets = element.references.map((id) => byId.get(id));
    for (const part of [...element.children, ...targets]) {
      if (part === undefined || open.has(part)) continue;
      const cost = costOf(part);
      elements = Math.min(CEILING, elements + cost.elements);
      filterSteps = Math.min(CEILING, filterSteps + cost.filterSteps);
    }
    open.delete(element);
    const cost = { elements, filterSteps };
    known.set(element, cost);
    return cost;
  };
  return costOf(root);
}

/** A tag: no `<` may stand in it, and `>` only in quotes. */
const TAG = /<(\/?)([\w:.-]+)((?:"[^"<]*"|'[^'<]*'|[^<>"'])*)>/g;
const REFERENCE = /href\s*=\s*["']\s*#([^"']+)|url\(["'\s]*#([^)"']+)/g;

function elementsOf(text: string): { root: Element; byId: ReadonlyMap<string, Element> } {
  const root: Element = { name: "", children: [], references: [] };
  const byId = new Map<string, Element>();
  const path = [root];
  // A style sheet may apply to any element, so that every element is taken to refer to what it refers to.
  const sheets = between(text, "<style", "</style").inside;
  const style: Element = { name: "", children: [], references: referencesIn(sheets) };
  const drawn = between(between(text, "<!--", "-->").outside, "<![CDATA[", "]]>").outside;
  for (const [, closing, name, attributes] of drawn.matchAll(TAG)) {
    if (closing === "/") {
      if (path.length > 1) path.pop();
      continue;
    }
    const children = style.references.length === 0 ? [] : [style];
    const element: Element = { name: name!, children, references: referencesIn(attributes!) };
    const id = /\sid\s*=\s*["']([^"']+)["']/.exec(attributes!)?.[1];
    if (id !== undefined && !byId.has(id)) byId.set(id, element);
    path[path.length - 1]!.children.push(element);
    if (!attributes!.endsWith("/")) path.push(element);
  }
  return { root, byId };
}

/** What of a text lies inside some pair of marks, and what outside; a mark that is never closed reaches to the end. */
function between(text: string, opening: string, closing: string): { inside: string; outside: string } {
  const inside: string[] = [];
  const outside: string[] = [];
  let at = 0;
  for (let from = text.indexOf(opening); from >= 0; from = text.indexOf(opening, at)) {
    const end = text.indexOf(closing, from + opening.length);
    outside.push(text.slice(at, from));
    inside.push(text.slice(from + opening.length, end < 0 ? text.length : end));
    at = end < 0 ? text.length : end + closing.length;
  }
  return { inside: inside.join("\n"), outside: `${outside.join("")}${text.slice(at)}` };
}

function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].map(([, link, url]) => (link ?? url)!.trim());
}
