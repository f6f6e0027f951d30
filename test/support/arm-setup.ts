/** Runs before every suite of an arm, and checks that the suite gets that arm. */
import { expect } from 'vitest';
import { openLane } from '../../src/lane/index.js';

expect(openLane(65536).lane.arm).toBe(process.env['NETCONSOLE_EMULATOR_LANE']);
