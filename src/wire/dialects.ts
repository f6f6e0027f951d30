/**
 * Lists the spellings of fragments, acks and emergencies in one table, which the sender
 * (`modules/netconsole`), the receiver and the README read.
 *
 * ```text
 *   heo-2015   the unmerged series of 2015    nca42 43 44     ,emg=1     ,ncfrag=OFF@I/N     pieces of 1000 - H - 25
 *   netconsd   its user-space heirs           ncrx42 43 44    ,ncemg=1   ,ncfrag=OFF/TOTAL   pieces of 1000 - H - 26
 *   mainline   what Linux 4.2 took            (no way back)   (none)     ,ncfrag=OFF/TOTAL
 * ```
 *
 * H is the length of the header. No kernel shipped the 2015 series. What was merged has a simpler
 * form of fragments and no way back.
 */

/** The name of a dialect. */
export type DialectName = 'heo-2015' | 'netconsd' | 'mainline';

/**
 * How a fragment tells its place. `index`: `OFF@I/N`, byte offset, index and count; the total
 * length is unknown before the last piece. `bytes`: `OFF/TOTAL`.
 */
export type FragmentForm = 'index' | 'bytes';

/** The spellings of one dialect. */
export interface Dialect {
  /** The name under which options and command lines know the dialect. */
  readonly name: DialectName;
  /** What a receiver's response begins with; undefined if the sender listens to none. */
  readonly responsePrefix: string | undefined;
  /**
   * The header key that marks an emergency transmission and stands in front of `ncfrag`; undefined
   * if there is none.
   */
  readonly emergencyKey: string | undefined;
  /** How `ncfrag` tells a fragment's place. */
  readonly fragment: FragmentForm;
  /**
   * How many bytes the sender keeps free in every piece for the longest header that it may add, in
   * C's sizes. So all pieces of a record but the last have one length, whatever numbers are
   * printed. 0: mainline computes the length in another way.
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
