/**
 * The spellings of reliable netconsole, as data. No kernel shipped the 2015 series; what was merged (mainline)
 * kept fragments in a simpler form and lost the way back.
 */

export type DialectName = 'heo-2015' | 'netconsd' | 'mainline';

export interface ReceiverDialect {
  readonly name: DialectName;
  /** What a response begins with; undefined: this sender listens to nothing. */
  readonly responsePrefix: string | undefined;
  /** The header key that marks an emergency transmission; undefined: there is none. */
  readonly emergencyKey: string | undefined;
  /** `off@i/n`: byte offset, index, count, the total unknown before the last piece. `off/total`: both in bytes. */
  readonly ncfrag: 'off@i/n' | 'off/total';
}

export const RECEIVER_DIALECTS: Readonly<Record<DialectName, ReceiverDialect>> = {
  'heo-2015': { name: 'heo-2015', responsePrefix: 'nca', emergencyKey: 'emg', ncfrag: 'off@i/n' },
  netconsd: { name: 'netconsd', responsePrefix: 'ncrx', emergencyKey: 'ncemg', ncfrag: 'off/total' },
  mainline: { name: 'mainline', responsePrefix: undefined, emergencyKey: undefined, ncfrag: 'off/total' },
};
