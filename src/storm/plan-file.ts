/** Reads plans from files in JSON or YAML. */
import { readFileSync } from 'node:fs';
import { isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { codeOf, KernelError } from '../errno.js';
import { type CompiledPlan, compilePlan } from './compile.js';
import { checkPlan, type Plan } from './plan.js';

/** The first bytes of gzip and zstd, as they look when they are read as UTF-8. */
const PACKED = /^(?:\u001f\ufffd|\(\ufffd\/\ufffd)/;

/**
 * Reads a plan; `-` is standard input. Throws EINVAL, with path and line, or the error of a file
 * that cannot be read.
 */
export function readPlan(path: string): Plan {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new KernelError(codeOf(error), 'open', `${path}: ${(error as Error).message}`);
  }
  if (PACKED.test(text)) throw new KernelError('EINVAL', 'plan', `${path}: it is compressed: unpack the plan first`);
  // Read as UTF-8, a file in UTF-16 has zero bytes, which a plan never has.
  if (text.includes('\0')) {
    const why = 'it has zero bytes: is it UTF-16? Convert it with iconv -t UTF-8; if not, it is no plan';
    throw new KernelError('EINVAL', 'plan', `${path}: ${why}`);
  }
  const lines = new LineCounter();
  // YAML 1.2 includes all of JSON, and its parser says in which line a fault is.
  const document = parseDocument(text, { lineCounter: lines });
  const refuse = (at: number, why: string): never => {
    const { line, col } = lines.linePos(at);
    throw new KernelError('EINVAL', 'plan', `${path}:${line}:${col}: ${why}`);
  };
  // A warning, as about a tag that means nothing, is about what would be read as something else.
  const [fault] = [...document.errors, ...document.warnings];
  if (fault?.code === 'MULTIPLE_DOCS') refuse(fault.pos[0], 'a second document begins here: a plan is one document');
  if (fault !== undefined) refuse(fault.pos[0], fault.message.split(/ at line \d+|\n/)[0]!);
  visit(document, {
    Pair(_, { key }) {
      // Unquoted, the kernel 5.10 is the number 5.1.
      if (!isScalar(key) || typeof key.value !== 'number' || String(key.value) === key.source) return;
      refuse(key.range![0], `the key ${key.source} is read as the number ${key.value}: put it in quotes`);
    },
  });
  if (document.contents === null) throw new KernelError('EINVAL', 'plan', `${path}: it is empty: give a plan`);
  try {
    return checkPlan(document.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    throw new KernelError('EINVAL', 'plan', `${path}: ${(error as Error).message}`);
  }
}

/** Compiles the plan of a file. Throws EINVAL, with the path, if the plan makes no sense. */
export function compilePlanFile(path: string, plan: Plan): CompiledPlan {
  try {
    return compilePlan(plan);
  } catch (error) {
    if (error instanceof KernelError) throw new KernelError(error.code, error.op, `${path}: ${error.message}`);
    throw error;
  }
}
