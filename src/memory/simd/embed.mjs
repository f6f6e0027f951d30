// Writes the compiled loops into ../simd-binary.ts, so that the package needs no file beside its code.
import { readFileSync, writeFileSync } from 'node:fs';

const wasm = readFileSync(new URL('../../../bench/build/simd.wasm', import.meta.url));
const lines = wasm.toString('base64').match(/.{1,116}/g);
writeFileSync(
  new URL('../simd-binary.ts', import.meta.url),
  `// Made by \`npm run simd\` from simd/simd.ts; test/unit/memory/simd.test.ts holds the two together.\nexport const SIMD_BASE64: string =\n${lines.map((l) => `  '${l}'`).join(' +\n')};\n`,
);
