/** The parameters of a receiver, those of libncrx with its defaults. */

import { invalid } from '../errno.js';
import { checkOptions, flag, number, type OptionRule, type OptionRules, oneOf, wholeNumber } from '../options.js';
import { DIALECTS, type DialectName } from '../wire/dialects.js';

/** Options of a receiver for extended records. Times are in milliseconds. */
export interface ReceiverOptions {
  /** How the source spells fragments, acks and emergencies. Default `mainline`. */
  readonly dialect?: DialectName;
  /** Whether responses are made. Default: if the dialect has them. */
  readonly respond?: boolean;
  /**
   * Reorder slots: how far ahead of a missing record the receiver looks. Default 8192; 512 without
   * responses.
   */
  readonly nrSlots?: number;
  /**
   * A record is acked at most so long after it came. With 0, the default, only requests for missing
   * records carry acks.
   */
  readonly ackIntvMs?: number;
  /** A missing record is asked for again this often. Default 1000. */
  readonly retxIntvMs?: number;
  /**
   * Each time the head passes a multiple of this, what is further behind is asked for. Below
   * nrSlots. Default 256.
   */
  readonly retxStride?: number;
  /**
   * A missing record is given up this long after its slot was last heard of. Default 30000; 200
   * without responses.
   */
  readonly msgTimeoutMs?: number;
  /** When so many of the last 32 packets were out of sequence, the stream is reset. Default 19. */
  readonly oosThr?: number;
  /**
   * A retired seq that comes again is out of sequence if its slot was quiet this long. Default
   * 5000.
   */
  readonly oosIntvMs?: number;
  /** An out-of-sequence record is delivered after so long. Default 30000; 200 without responses. */
  readonly oosTimeoutMs?: number;
}

const SLOTS_MAX = 1 << 20;
const WITH_RESPONSES = { nrSlots: 8192, msgTimeoutMs: 30000, oosTimeoutMs: 30000 };
/**
 * The defaults without responses, as the netconsd daemon has them: no missing record comes on
 * request, and filtered levels leave gaps.
 */
const WITHOUT_RESPONSES = { nrSlots: 512, msgTimeoutMs: 200, oosTimeoutMs: 200 };

const MS: OptionRule = number(0, Number.POSITIVE_INFINITY);
/** The rules for the options of a receiver. */
export const RECEIVER_RULES: OptionRules<ReceiverOptions> = {
  dialect: oneOf(...Object.keys(DIALECTS)),
  respond: flag,
  nrSlots: wholeNumber(1, SLOTS_MAX),
  ackIntvMs: MS,
  retxIntvMs: MS,
  retxStride: wholeNumber(1, SLOTS_MAX),
  msgTimeoutMs: MS,
  oosThr: MS,
  oosIntvMs: MS,
  oosTimeoutMs: MS,
};

/** Fills in the defaults. Throws EINVAL if an option makes no sense. */
export function receiverOptions(options: ReceiverOptions): Required<ReceiverOptions> {
  checkOptions('receiver', options, RECEIVER_RULES);
  const dialect = DIALECTS[options.dialect ?? 'mainline'];
  const respond = options.respond ?? dialect.responsePrefix !== undefined;
  if (respond && dialect.responsePrefix === undefined)
    throw invalid(
      'receiver',
      `the dialect '${dialect.name}' has no responses: leave out \`respond\`, or choose another`,
    );
  const all = {
    ackIntvMs: 0,
    retxIntvMs: 1000,
    retxStride: 256,
    oosThr: 19,
    oosIntvMs: 5000,
    ...(respond ? WITH_RESPONSES : WITHOUT_RESPONSES),
    ...options,
    dialect: dialect.name,
    respond,
  };
  if (all.nrSlots <= all.retxStride)
    throw invalid('receiver', `nrSlots is ${all.nrSlots}, and must be above retxStride, ${all.retxStride}`);
  return all;
}
