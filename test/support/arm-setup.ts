/** Runs before every suite of an arm: it is that arm which the suite gets. */
import { expect } from 'vitest';
import { openLane } from '../../src/lane/index.js';

expect(openLane(65536).lane.arm).toBe(process.env['NETCONSOLE_EMULATOR_LANE']);
