/** Plans in files: JSON, or YAML by the name's ending or where JSON it is not. */
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { KernelError } from '../errno.js';
import { checkPlan, type Plan } from './plan.js';

/** EINVAL, with path and line, for what is no plan; ENOENT and what else reading throws. */
export function readPlan(path: string): Plan {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KernelError(code === 'ENOENT' ? 'ENOENT' : 'EIO', 'open', `${path}: ${(error as Error).message}`);
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
