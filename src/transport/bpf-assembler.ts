/**
 * Makes eBPF programs of named instructions, as bytes or as the listing that the kernel prints.
 *
 *   const program = assemble([
 *     mov(R6, R1),
 *     load32(R1, R6, 12),
 *     jumpIf(R1, '!=', 1, 'pass'),
 *     ...
 *     label('pass'),
 *     move(R0, 2),
 *     exit(),
 *   ]);
 *   listing(program)      // "0: r6 = r1", "1: r1 = *(u32 *)(r6 +12)", ...
 *
 * An instruction consists of its line of the listing and its eight bytes: code, registers, offset,
 * constant. Only what the programs of `xdp-program.ts` use is implemented. Linux:
 * Documentation/bpf/standardization/instruction-set.rst; the notation of the listing is the
 * verifier's (kernel/bpf/disasm.c).
 */

/**
 * The number of a register, 0 to 9. R0 holds results, R1 to R5 arguments, which are lost in a call;
 * R6 to R9 keep their values.
 */
export type Register = number;
/** The register of results: of a call, and of the program. */
export const R0: Register = 0;
/** The first argument of a call; when the program starts, the address of its context. */
export const R1: Register = 1;
/** The second argument of a call. */
export const R2: Register = 2;
/** The third argument of a call. */
export const R3: Register = 3;
/** The fourth argument of a call. */
export const R4: Register = 4;
/** The fifth argument of a call. */
export const R5: Register = 5;
/** A register that keeps its value in a call, as R7 to R9 do. */
export const R6: Register = 6;
/** See R6. */
export const R7: Register = 7;
/** See R6. */
export const R8: Register = 8;
/** See R6. */
export const R9: Register = 9;

/**
 * One instruction. `to` names the label of a jump, whose distance is known when the program is
 * assembled.
 */
export interface Instruction {
  /** The opcode: `code` of `struct bpf_insn`. */
  readonly code: number;
  /** The register that is written, or whose value is compared. */
  readonly dst: Register;
  /** The register that is read; 0 if there is none. */
  readonly src: Register;
  /** The offset of an access, in bytes; the distance of a jump, once the program is assembled. */
  readonly off: number;
  /** The constant; 0 if there is none. */
  readonly imm: number;
  /** The line of the listing; the target of a jump is appended when it is known. */
  readonly text: string;
  /** The label that a jump leads to; absent for other instructions. */
  readonly to?: string;
  /** Set for the second half of a 16-byte instruction, which has no line of its own. */
  readonly half?: true;
}

/** A place to jump to. */
export interface Label {
  /** The name of the place. */
  readonly label: string;
}

/** What `assemble` takes: an instruction, both halves of a long one, or a label. */
export type Line = Instruction | Label | readonly Instruction[];

const LDX_W = 0x61;
const STX_W = 0x63;
const LD_IMM64 = 0x18;
const CALL = 0x85;
const EXIT = 0x95;
/** Set as the source register of `LD_IMM64`, it asks for the address of a map's value. */
const PSEUDO_MAP_VALUE = 2;
/** Set in an opcode whose second operand is a register. */
const BY_REGISTER = 0x08;
const ALU = { '+': 0x07, '-': 0x17, '&': 0x57, '<<': 0x67 } as const;
const JUMP = { '==': 0x15, '>': 0x25, '!=': 0x55 } as const;

/** A constant, given as a number, or the value of a register. */
export type Operand = number | { readonly register: Register };

/** Makes an operand of a register, as a plain number would be a constant. */
export const reg = (register: Register): Operand => ({ register });

/** Makes `dst = value`, with 64 bits. */
export function move(dst: Register, value: Operand): Instruction {
  return withOperand(0xb7, dst, value, `r${dst} = `);
}

/** Makes `dst OP= value`, with 64 bits. */
export function alu(dst: Register, op: keyof typeof ALU, value: Operand): Instruction {
  return withOperand(ALU[op], dst, value, `r${dst} ${op}= `);
}

/** Makes `dst = -dst`, with 32 bits; the upper half becomes 0. */
export function negate32(dst: Register): Instruction {
  return { code: 0x84, dst, src: 0, off: 0, imm: 0, text: `w${dst} = -w${dst}` };
}

/** Loads into `dst` the 32 bits at `base + off`. */
export function load32(dst: Register, base: Register, off: number): Instruction {
  return { code: LDX_W, dst, src: base, off, imm: 0, text: `r${dst} = *(u32 *)(r${base} +${off})` };
}

/** Stores `src` as the 32 bits at `base + off`. */
export function store32(base: Register, off: number, src: Register): Instruction {
  return { code: STX_W, dst: base, src, off, imm: 0, text: `*(u32 *)(r${base} +${off}) = r${src}` };
}

/**
 * Loads into `dst` the address of the only value of the array map `fd`. The listing shows `name`.
 */
export function mapValue(dst: Register, fd: number, name: string): readonly Instruction[] {
  return [
    { code: LD_IMM64, dst, src: PSEUDO_MAP_VALUE, off: 0, imm: fd, text: `r${dst} = ${name}` },
    { code: 0, dst: 0, src: 0, off: 0, imm: 0, text: '', half: true },
  ];
}

/** Jumps to the label `to` if `dst OP value` holds, compared as 64 bits, unsigned. */
export function jumpIf(dst: Register, op: keyof typeof JUMP, value: Operand, to: string): Instruction {
  return { ...withOperand(JUMP[op], dst, value, `if r${dst} ${op} `), to };
}

/** Calls a helper of the kernel by its number in `enum bpf_func_id`. */
export function call(helper: { readonly id: number; readonly name: string }): Instruction {
  return { code: CALL, dst: 0, src: 0, off: 0, imm: helper.id, text: `call ${helper.name}#${helper.id}` };
}

/** Ends the program, which returns R0. */
export function exit(): Instruction {
  return { code: EXIT, dst: 0, src: 0, off: 0, imm: 0, text: 'exit' };
}

/** A place to jump to, by name. */
export function label(name: string): Label {
  return { label: name };
}

function withOperand(code: number, dst: Register, value: Operand, text: string): Instruction {
  return typeof value === 'number'
    ? { code, dst, src: 0, off: 0, imm: value, text: `${text}${value}` }
    : { code: code | BY_REGISTER, dst, src: value.register, off: 0, imm: 0, text: `${text}r${value.register}` };
}

/** Resolves the labels. Throws for a jump to a label that does not exist. */
export function assemble(lines: readonly Line[]): readonly Instruction[] {
  const labels = new Map<string, number>();
  const program: Instruction[] = [];
  for (const line of lines) {
    if ('label' in line) labels.set(line.label, program.length);
    else program.push(...(Array.isArray(line) ? line : [line as Instruction]));
  }
  return program.map((instruction, i) => {
    if (instruction.to === undefined) return instruction;
    const target = labels.get(instruction.to);
    if (target === undefined) throw new Error(`no label ${instruction.to}`);
    return {
      ...instruction,
      off: target - i - 1,
      text: `${instruction.text} goto pc${target > i ? '+' : ''}${target - i - 1}`,
    };
  });
}

/**
 * Returns the program as the kernel takes it: `struct bpf_insn`, eight bytes each, little-endian.
 */
export function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, dst, src, off, imm }, i) => {
    view.setUint8(i * 8, code);
    view.setUint8(i * 8 + 1, (src << 4) | dst);
    view.setInt16(i * 8 + 2, off, true);
    view.setInt32(i * 8 + 4, imm, true);
  });
  return bytes;
}

/**
 * Makes one line for each instruction, numbered as the verifier does: an instruction of 16 bytes
 * counts twice.
 */
export function listing(program: readonly Instruction[]): string {
  return program.flatMap(({ text, half }, i) => (half ? [] : [`${i}: ${text}`])).join('\n');
}
