/**
 * The spellings of fragments, acks and emergencies, as one table. The sender
 * (`modules/netconsole`), the receiver and the README read it.
 *
 * ```text
 *   heo-2015   the unmerged series of 2015    nca42 43 44     ,emg=1     ,ncfrag=OFF@I/N     pieces of 1000 - H - 25
 *   netconsd   its user-space heirs           ncrx42 43 44    ,ncemg=1   ,ncfrag=OFF/TOTAL   pieces of 1000 - H - 26
 *   mainline   what Linux 4.2 took            (no way back)   (none)     ,ncfrag=OFF/TOTAL
 * ```
 *
 * H is the length of the header. No kernel shipped the 2015 series; what was merged kept fragments
 * in a simpler form and lost the way back.
 */

/** The name of a dialect. */
export type DialectName = 'heo-2015' | 'netconsd' | 'mainline';

/**
 * `index`: `OFF@I/N`, byte offset, index and count; the total is unknown before the last piece.
 * `bytes`: `OFF/TOTAL`.
 */
export type FragmentForm = 'index' | 'bytes';

/** The spellings of one dialect. */
export interface Dialect {
  readonly name: DialectName;
  /** What a receiver's response begins with; undefined: the sender listens to nothing. */
  readonly responsePrefix: string | undefined;
  /**
   * The header key that marks an emergency transmission, in front of `ncfrag`; undefined: there is
   * none.
   */
  readonly emergencyKey: string | undefined;
  /** The form of `ncfrag`. */
  readonly fragment: FragmentForm;
  /**
   * Bytes that the sender keeps free in every piece for the longest header it may add, in C's
   * sizes: all pieces of a record but the last are of one length, whatever the numbers printed. 0:
   * mainline computes it otherwise.
   */
  readonly extra: number;
}

/** A dialect that has acks and emergencies: one that a reliable target can speak. */
export interface ReliableDialect extends Dialect {
  readonly name: 'heo-2015' | 'netconsd';
  readonly responsePrefix: string;
  readonly emergencyKey: string;
}

const HEO_2015: ReliableDialect = {
  name: 'heo-2015',
  responsePrefix: 'nca',
  emergencyKey: 'emg',
  fragment: 'index',
  extra: 25,
};

const NETCONSD: ReliableDialect = {
  name: 'netconsd',
  responsePrefix: 'ncrx',
  emergencyKey: 'ncemg',
  fragment: 'bytes',
  extra: 26,
};

const MAINLINE: Dialect = {
  name: 'mainline',
  responsePrefix: undefined,
  emergencyKey: undefined,
  fragment: 'bytes',
  extra: 0,
};

/** All dialects, by name. */
export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  'heo-2015': HEO_2015,
  netconsd: NETCONSD,
  mainline: MAINLINE,
};

/** The dialects that have responses. */
export const RELIABLE_DIALECTS: readonly ReliableDialect[] = [HEO_2015, NETCONSD];
