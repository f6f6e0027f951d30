/**
 * netpoll: a UDP sender that needs no network stack. It finds its device, opens it, learns its own
 * address, and from then on builds whole frames in the device's slab and hands them to the driver.
 *
 *   setup()            the device is found, opened, has carrier; the source address is known; headers are built
 *   sendUdp(...)       a slot, the headers, the payload, two checksums, startXmit
 *   reserveUdp/commitUdp   the same for a payload that is put together in the slot
 *   sendRecords(...)   the same for a run of the log's records, each written where its frame is
 *   cleanup()          lets the device go
 *
 * A frame that the driver refuses is offered again while the device is polled; refused still, it is
 * queued, and everything after it queues behind it: the order of frames never changes. A worker
 * sends the queue, and tries again after HZ/10 when the driver refuses.
 *
 * Results: `sent`, `queued` (counts as success), `drop` (device gone or down), `enomem` (no free
 * slot after ten polls). Nothing here throws but `setup`.
 *
 * Linux: net/core/netpoll.c netpoll_setup(), netpoll_send_udp(), find_skb(), __netpoll_send_skb(),
 * queue_process(). Differs: no time passes between two offers of a frame, and when a device says
 * that it has room again, frames are offered at once and not after HZ/10.
 */
export { Netpoll, type RecordRun, type SendResult } from './netpoll.js';
export { NetpollCore, type NetpollEra, type NetpollHost } from './queue.js';
export { cutName, isUnicastMac, type NetpollOptions } from './setup.js';
