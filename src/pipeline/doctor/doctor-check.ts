/** One thing that was looked at. */
export interface DoctorCheck {
  readonly name: string;
  /** `warning`: headstart works, but something is missing that a user may want. */
  readonly state: "ok" | "warning" | "failed";
  /** What was found. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}
