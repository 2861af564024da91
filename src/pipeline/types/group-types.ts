/** What cross-validation kept whole. */
export interface GroupReport {
  /** The kept column whose values are the groups; null where none was named. */
  readonly column: string | null;
  /** Whether near-duplicates are groups too. */
  readonly duplicates: boolean;
  /** Groups of the rows, those of one row included. */
  readonly groups: number;
  /** Rows that have no value in the column: each is a group of its own. */
  readonly without: number;
}

/** Groups that are on both sides of a test, which then flatters. */
export interface SharedGroups {
  /** The kept column whose values are the groups. */
  readonly column: string;
  /** Tested rows. */
  readonly checked: number;
  /** Those of them whose group training rows are of. */
  readonly rows: number;
  /** How many groups that are. */
  readonly groups: number;
  /** One of them; null where there is none. */
  readonly example: string | null;
}
