/** Plans in files: JSON, or YAML by the name's ending or where JSON it is not. */
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { codeOf, KernelError } from '../errno.js';
import { type CompiledPlan, compilePlan } from './compile.js';
import { checkPlan, type Plan } from './plan.js';

/** What gzip and zstd begin with, read as UTF-8. */
const PACKED = /^(?:\u001f\ufffd|\(\ufffd\/\ufffd)/;

/** EINVAL, with path and line, for what is no plan; the system's error for an unreadable file. */
export function readPlan(path: string): Plan {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new KernelError(codeOf(error), 'open', `${path}: ${(error as Error).message}`);
  }
  if (PACKED.test(text)) throw new KernelError('EINVAL', 'plan', `${path}: it is compressed: unpack the plan first`);
  // Decoding leaves a zero byte of UTF-16 as it is.
  if (text.includes('\0')) {
    const why = 'it has zero bytes: is it UTF-16? Convert it with iconv -t UTF-8';
    throw new KernelError('EINVAL', 'plan', `${path}: ${why}`);
  }
  const lines = new LineCounter();
  // YAML 1.2 has all of JSON in it, and says the line of what is wrong.
  const document = parseDocument(text, { lineCounter: lines });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw new KernelError('EINVAL', 'plan', `${path}:${line}:${col}: ${fault.message.split('\n')[0]}`);
  }
  try {
    return checkPlan(document.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    throw new KernelError('EINVAL', 'plan', `${path}: ${(error as Error).message}`);
  }
}

/** The plan of a file, worked out. EINVAL, with the path, also for a plan that makes no sense. */
export function compilePlanFile(path: string, plan: Plan): CompiledPlan {
  try {
    return compilePlan(plan);
  } catch (error) {
    if (error instanceof KernelError) throw new KernelError(error.code, error.op, `${path}: ${error.message}`);
    throw error;
  }
}
