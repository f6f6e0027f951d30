/** A table of a report. */
export interface Table {
  /** The headings, from left to right. */
  readonly columns: readonly string[];
  /** The rows; each has a value for each column. */
  readonly rows: readonly (readonly (string | number)[])[];
  /** Whether a reader can search, sort and page through the rows, since they are many. */
  readonly searchable?: boolean;
}
