/** Rows and columns of a report. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** More rows than anybody reads: they are searched, sorted, and shown some at a time. */
  readonly searchable?: boolean;
}
