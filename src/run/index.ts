/**
 * Real time: runs a kernel's timers on the machine's clock.
 *
 *   const driver = createDriver(createKernel());
 *   driver.addDevice(await openDevice('udp'), { addresses: ['192.0.2.1/24'] });
 *   await driver.run(signal);
 *
 * @module
 */
export type { SeriesInterval } from '../net/series.js';
export { type Clock, createManualClock, type ManualClock, systemClock } from './clock.js';
export { createDriver, type Driver } from './driver.js';
export type { RunInterval } from './observer.js';
export type { Losses, LossPlace, RunProgress } from './progress.js';
