/** The part of html-to-text 10 that is used here; the package has no types of its own. */
declare module "html-to-text" {
  interface Selector {
    readonly selector: string;
    readonly format?: string;
    readonly options?: Readonly<Record<string, unknown>>;
  }
  /** Prepares a converter from HTML to plain text. */
  export function compile(options: {
    readonly wordwrap: number | false;
    readonly selectors: readonly Selector[];
  }): (html: string) => string;
}
