import { describe, expect, it } from 'vitest';
import { since518 } from '../../../src/transport/bpf.js';
import {
  alu,
  assemble,
  call,
  encode,
  exit,
  jumpIf,
  label,
  listing,
  load32,
  mapValue,
  move,
  negate32,
  R0,
  R1,
  R2,
  R6,
  R7,
  reg,
  store32,
} from '../../../src/transport/bpf-assembler.js';
import { leftProgram, refusedProgram, sendProgram } from '../../../src/transport/xdp-program.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').match(/.{16}/g);

describe('the assembler', () => {
  it('encodes as linux/bpf.h has it', () => {
    const program = assemble([
      move(R6, reg(R1)),
      move(R0, -2),
      alu(R2, '-', reg(R1)),
      alu(R2, '<<', 3),
      negate32(R1),
      load32(R1, R6, 12),
      store32(R7, 20, R1),
      mapValue(R7, 5, 'control'),
      jumpIf(R1, '!=', reg(R2), 'end'),
      jumpIf(R1, '>', 7, 'end'),
      call({ id: 23, name: 'bpf_redirect' }),
      label('end'),
      exit(),
    ]);
    // code, source and destination, offset, constant
    expect(hex(encode(program))).toEqual([
      'bf16000000000000',
      'b7000000feffffff',
      '1f12000000000000',
      '6702000003000000',
      '8401000000000000',
      '61610c0000000000',
      '6317140000000000',
      '1827000005000000',
      '0000000000000000',
      '5d21020000000000',
      '2501010007000000',
      '8500000017000000',
      '9500000000000000',
    ]);
  });

  it('lists as the verifier does', () => {
    const program = assemble([
      label('again'),
      mapValue(R7, 5, 'control'),
      load32(R1, R7, 4),
      jumpIf(R1, '==', 0, 'again'),
      exit(),
    ]);
    expect(listing(program).split('\n')).toEqual([
      '0: r7 = control',
      '2: r1 = *(u32 *)(r7 +4)',
      '3: if r1 == 0 goto pc-4',
      '4: exit',
    ]);
  });

  it('does not jump to nowhere', () => {
    expect(() => assemble([jumpIf(R1, '==', 0, 'nowhere')])).toThrow(/nowhere/);
  });
});

describe('the programs', () => {
  const target = { control: 3, frames: 4, slots: 512, slabBytes: 1 << 20, ifindex: 9 };

  it.each([
    ['send', sendProgram(target)],
    ['left', leftProgram(3)],
    ['refused', refusedProgram(3)],
  ])('%s reads as listed', (_, program) => {
    expect(listing(program)).toMatchSnapshot();
  });
});

it.each([
  ['5.17.15', false],
  ['5.18.0', true],
  ['6.1.0-50-amd64', true],
  ['4.19.0', false],
  ['7.2.13+deb14-amd64', true],
])('live frames in Linux %s: %s', (release, expected) => {
  expect(since518(release)).toBe(expected);
});
