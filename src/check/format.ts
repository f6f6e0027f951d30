/** What a form of receiver output is: how its lines are read. */
import type { Printed } from './payload.js';

/** A form of receiver output, and how to read a line of it. */
export interface OutputFormat {
  /** The name that `--format` takes. */
  readonly name: string;
  /** What prints this form, as half a sentence. */
  readonly about: string;
  /**
   * Returns the record of a line; `skip` for a line of this form without a record; undefined for a
   * line that is not of this form.
   */
  parse(line: string, file: string): Printed | 'skip' | undefined;
  /** Returns why `parse` refuses a line, where that can be said in a sentence. */
  fault?(line: string): string | undefined;
  /** Set if there are bytes that are no text: the lines are given as Latin-1, with their CRs. */
  readonly binary?: true;
  /** Reads one file in place of `parse`, for forms whose records take several lines. */
  open?(file: string): LineReader;
}

/** Reads a file line by line, empty lines too. */
export interface LineReader {
  /** Takes a line, and returns what `parse` would. */
  line(line: string): Printed | 'skip' | undefined;
  /** Returns the record that the end of the file completes. */
  end(): Printed | undefined;
  /** Returns why it refused a line, where that can be said. */
  fault?(line: string): string | undefined;
}
