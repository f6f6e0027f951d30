/** Makes a table of a summary's hosts: a column for each count that is not 0 everywhere. */
import type { Table } from './table.js';

/** A host and its counts, as a summary names them. */
export interface HostRow {
  /** The host's address. */
  readonly host: string;
  /** The host's name in a plan. */
  readonly name?: string;
  /** The port that the host sends from. */
  readonly port?: number;
  /** Counts, by the name of the field. */
  readonly [count: string]: string | number | undefined;
}

/** Columns that are kept whatever they hold. */
const NAMES = ['host', 'port', 'name', 'group'];

/** Returns the table of the hosts, of which there must be at least one. */
export function hostsTable(hosts: readonly HostRow[]): Table {
  const first = hosts[0]!;
  const columns = Object.keys(first).filter(
    (key) => NAMES.includes(key) || hosts.some((host) => Number(host[key] ?? 0) > 0),
  );
  const rows = hosts.map((host) => columns.map((column) => host[column] ?? 0));
  return { columns: columns.map(spoken), rows, searchable: true };
}

/** Returns a field's name in words: `lostByNetwork` as `lost by network`. */
function spoken(field: string): string {
  return field.replace(/(?<=[a-z])[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
}
