/** A table of a report. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** Whether a reader can search, sort and page through the rows, since they are many. */
  readonly searchable?: boolean;
}
