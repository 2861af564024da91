/** The system's error code (`ENOENT`), or null: Node.js's own (`ERR_INVALID_ARG_TYPE`) and ours are none. */
export function systemCode(thrown: unknown): string | null {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : null;
}
