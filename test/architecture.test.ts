/** The rules of the source tree: layers, the I/O line, file sizes and names, comments, what no file may mention. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const src = join(root, 'src');
/** Compiled by another compiler, in another language. */
const NOT_TYPESCRIPT = '.as.ts';

const files = (readdirSync(src, { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts') && !file.endsWith(NOT_TYPESCRIPT))
  .sort();
/** With what the other compiler compiles. */
const everyFile = (readdirSync(src, { recursive: true }) as string[]).filter((file) => /\.tsx?$/.test(file)).sort();
const sources = new Map(
  files.map((file) => [
    file,
    ts.createSourceFile(file, readFileSync(join(src, file), 'utf8'), ts.ScriptTarget.Latest, true),
  ]),
);

/** The first part of a path below src: a folder, one of `modules/`, or a file of the top level without its ending. */
function unit(file: string): string {
  if (file === 'kernel/context.ts') return 'kernel/context';
  const module = /^modules\/[^/]+(?=\/)/.exec(file);
  if (module !== null) return module[0];
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : basename(file, '.ts');
}

function visit(node: ts.Node, fn: (node: ts.Node) => void): void {
  fn(node);
  ts.forEachChild(node, (child) => visit(child, fn));
}

/** What is wrong in a file, with line numbers. */
function findings(file: string, judge: (node: ts.Node) => string | undefined): string[] {
  const source = sources.get(file)!;
  const found: string[] = [];
  visit(source, (node) => {
    const what = judge(node);
    if (what !== undefined)
      found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${what}`);
  });
  return found;
}

function specifier(node: ts.Node): string | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
    return (node.moduleSpecifier as ts.StringLiteral).text;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return (node.argument.literal as ts.StringLiteral).text;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [first] = node.arguments;
    return first !== undefined && ts.isStringLiteral(first) ? first.text : undefined;
  }
  return undefined;
}

const LAYERS: readonly (readonly string[])[] = [
  ['errno', 'options', 'schema', 'show', 'time', 'wire', 'lane', 'memory'],
  ['profile', 'printk', 'net', 'configfs'],
  ['console', 'netpoll', 'receiver', 'dissector'],
  ['kernel/context'],
  ['modules/netconsole', 'modules/netconsole-2001', 'modules/netconsole-2003', 'modules/netoops'],
  ['modules'],
  ['kernel', 'index'],
  ['workload'],
  ['transport', 'run', 'page', 'build'],
  ['replay', 'scenario', 'testing', 'storm'],
  ['check', 'explore', 'report'],
  ['cli', 'vitest'],
];
const IO_LINE = LAYERS.findIndex((layer) => layer.includes('transport'));
const layerOf = (name: string) => LAYERS.findIndex((layer) => layer.includes(name));
const above = files.filter((file) => layerOf(unit(file)) < IO_LINE);

/** What a unit may import beside itself. */
function allowed(name: string): readonly string[] {
  const below = (layer: number) => LAYERS.slice(0, layer).flat();
  switch (name) {
    case 'errno':
    case 'show':
      return [];
    case 'options':
      return ['errno'];
    case 'schema':
      return ['errno', 'options'];
    case 'time':
    case 'wire':
    case 'lane':
      return ['errno', 'options'];
    case 'memory':
      return ['errno', 'options', 'show', 'lane'];
    case 'profile':
    case 'configfs':
    case 'net':
      return below(1);
    case 'printk':
      return [...below(1), 'profile'];
    case 'console':
      return [...below(1), 'profile', 'printk'];
    case 'netpoll':
      return [...below(1), 'profile', 'net'];
    case 'dissector':
      return ['errno', 'wire'];
    case 'receiver':
      return [...below(1), 'profile'];
    case 'modules/netconsole':
    case 'modules/netconsole-2001':
    case 'modules/netconsole-2003':
    case 'modules/netoops':
      return below(4);
    case 'kernel/context':
      return below(3);
    case 'modules':
      return below(5);
    case 'kernel':
      return below(6);
    case 'index':
      return below(7);
    case 'workload':
      return [...below(1), 'printk', 'net'];
    case 'transport':
      return [...below(1), 'net'];
    case 'build':
      return [];
    case 'run':
      return [...below(1), 'printk', 'net', 'kernel'];
    default:
      return below(layerOf(name));
  }
}

describe('layers', () => {
  it('every folder has one', () => expect(files.filter((file) => layerOf(unit(file)) < 0)).toEqual([]));

  it.each(files)('%s imports only what lies below it', (file) => {
    const mine = unit(file);
    const wrong = findings(file, (node) => {
      const to = specifier(node);
      if (to === undefined) return undefined;
      if (!to.startsWith('.')) {
        return layerOf(mine) < IO_LINE ? `imports ${to}: above the I/O line there is nothing from outside` : undefined;
      }
      if (!to.endsWith('.js')) return `imports ${to}: relative imports end in .js`;
      const target = normalize(join(dirname(file), to)).replace(/\.js$/, '.ts');
      if (!sources.has(target)) return `imports ${to}, which is not there`;
      return unit(target) === mine || allowed(mine).includes(unit(target)) ? undefined : `imports ${to}`;
    });
    expect(wrong).toEqual([]);
  });
});

/** The files that a file imports, types included. */
function imports(file: string): string[] {
  const out = new Set<string>();
  visit(sources.get(file)!, (node) => {
    const to = specifier(node);
    if (to?.startsWith('.')) out.add(normalize(join(dirname(file), to)).replace(/\.js$/, '.ts'));
  });
  return [...out].filter((to) => sources.has(to));
}

describe('files', () => {
  it('import one another in no circle, not even types', () => {
    const edges = new Map(files.map((file) => [file, imports(file)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const follow = (file: string, path: readonly string[]): void => {
      const at = path.indexOf(file);
      if (at >= 0) circles.push([...path.slice(at), file].join(' -> '));
      if (at >= 0 || done.has(file)) return;
      for (const to of edges.get(file)!) follow(to, [...path, file]);
      done.add(file);
    };
    for (const file of files) follow(file, []);
    expect(circles).toEqual([]);
  });
});

type Callable =
  | ts.FunctionDeclaration
  | ts.FunctionExpression
  | ts.ArrowFunction
  | ts.MethodDeclaration
  | ts.MethodSignature
  | ts.ConstructorDeclaration;
const isCallable = (node: ts.Node): node is Callable =>
  ts.isFunctionDeclaration(node) ||
  ts.isFunctionExpression(node) ||
  ts.isArrowFunction(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isMethodSignature(node) ||
  ts.isConstructorDeclaration(node);

describe('parameters', () => {
  const MOST = 5;
  /** Why a longer list is right, by the file's beginning and the function. */
  const LONG: readonly (readonly [start: string, names: readonly string[], why: string])[] = [
    ['lane/', ['extFormat', 'prbStore', 'extFrame'], 'compiled calls: plain numbers travel in registers'],
    ['printk/format.ts', ['formatExt', 'formatPlainLog'], 'called for every record: an object would be made for each'],
    ['transport/native.ts', ['sendto', 'mmap'], 'functions of the C library, as they are declared there'],
  ];
  const long = files.flatMap((file) => {
    const found: string[] = [];
    visit(sources.get(file)!, (node) => {
      if (!isCallable(node) || node.parameters.length <= MOST) return;
      const name = node.name?.getText() ?? 'a function without a name';
      if (!LONG.some(([start, names]) => file.startsWith(start) && names.includes(name))) found.push(`${file} ${name}`);
    });
    return found;
  });

  it(`are ${MOST} at most`, () => expect(long).toEqual([]));

  /**
   * A boolean parameter makes one function of two, and a call does not say which. Each of these is
   * a value that is kept as it is given.
   */
  const BOOLEANS: readonly (readonly [name: string, why: string])[] = [
    ['net/netdevs.ts setUp(up)', 'what the interface is from then on'],
    ['receiver/pending.ts settle(oos)', 'a field of the record'],
    ['receiver/plain.ts #deliver(complete)', 'a field of the line'],
    ['replay/formats/capture.ts #emit(reboot)', 'a field of the record'],
    ['replay/formats/capture-order.ts #out(reboot)', 'handed on with the record, which keeps it'],
  ];

  it('are no booleans that steer a function', () => {
    const named = BOOLEANS.map(([name]) => name);
    const found = files.flatMap((file) => {
      const here: string[] = [];
      visit(sources.get(file)!, (node) => {
        if (!isCallable(node) || ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return;
        for (const { name, type, initializer } of node.parameters) {
          const set = initializer?.kind;
          const literal = set === ts.SyntaxKind.TrueKeyword || set === ts.SyntaxKind.FalseKeyword;
          if (type?.kind !== ts.SyntaxKind.BooleanKeyword && !literal) continue;
          here.push(`${file} ${node.name?.getText() ?? 'constructor'}(${name.getText()})`);
        }
      });
      return here;
    });
    expect(found.filter((one) => !named.includes(one))).toEqual([]);
    expect(
      named.filter((one) => !found.includes(one)),
      'exceptions that are none any more',
    ).toEqual([]);
  });
});

const FORBIDDEN = new Set(
  `process Buffer Date performance setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask
   fetch require globalThis global window self navigator crypto console structuredClone MessageChannel Worker`.split(
    /\s+/,
  ),
);

/** The switch between the lane's arms is the one thing that the core asks the environment. */
const asksTheEnvironment = (file: string, node: ts.Node) =>
  file === 'lane/index.ts' && ts.isIdentifier(node) && node.text === 'process';

/** An identifier that stands for a value: not a property's name, not a declaration's, not a label. */
function refers(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isQualifiedName(parent) && parent.right === node) return false;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isBindingElement(parent))
    return parent.name !== node && ts.isBindingElement(parent) && parent.initializer === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  const named = parent as ts.Node & { readonly name?: ts.Node };
  return named.name !== node;
}

/** Names that a file binds itself, anywhere in it. */
function bound(file: string): Set<string> {
  const names = new Set<string>();
  visit(sources.get(file)!, (node) => {
    const binds =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isImportSpecifier(node) ||
      ts.isBindingElement(node);
    if (binds && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
  });
  return names;
}

describe('above the I/O line there is no machine', () => {
  it.each(above)('%s', (file) => {
    const own = bound(file);
    const wrong = findings(file, (node) => {
      if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined))
        return 'awaits';
      if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'is async';
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
        return 'imports at run time';
      if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') return 'Math.random';
      if (ts.isMetaProperty(node)) return node.getText();
      if (asksTheEnvironment(file, node)) return undefined;
      if (ts.isIdentifier(node) && FORBIDDEN.has(node.text) && !own.has(node.text) && refers(node)) return node.text;
      return undefined;
    });
    expect(wrong).toEqual([]);
  });
});

/** The first comment of a file. */
function overview(file: string): string {
  const text = sources.get(file)!.text.replace(/^#!.*\n/, '');
  return /^\s*(\/\*\*[\s\S]*?\*\/|(?:\/\/[^\n]*\n)+)/.exec(text)?.[1] ?? '';
}

describe('files', () => {
  const LINES = 300;
  const LINES_WITH_REASON = 500;

  it.each(files)('%s is short, or says why not', (file) => {
    const lines = sources.get(file)!.text.trimEnd().split('\n').length;
    expect(lines).toBeLessThanOrEqual(LINES_WITH_REASON);
    if (lines > LINES)
      expect(overview(file), `${lines} lines: the first comment says why, as "Over 300 lines: ..."`).toMatch(
        /over 300 lines/i,
      );
  });

  const COLUMNS = 100;
  /** A comment's line, and whether it is laid out: of a drawing, a table or an example, which are indented. */
  const COMMENT = /^\s*(?:\/\*\*|\*|\/\/)(?<laidOut> {3,})?/;

  it.each(everyFile)(`%s: comments are wrapped at ${COLUMNS} columns`, (file) => {
    const long = readFileSync(join(src, file), 'utf8')
      .split('\n')
      .flatMap((line, i) => {
        const comment = COMMENT.exec(line);
        const laidOut = comment?.groups?.laidOut !== undefined;
        return comment === null || laidOut || line.length <= COLUMNS ? [] : [`${file}:${i + 1} ${line.trim()}`];
      });
    expect(long).toEqual([]);
  });

  it('nine of ten are short without an excuse', () => {
    const short = files.filter((file) => sources.get(file)!.text.trimEnd().split('\n').length <= LINES);
    expect(short.length / files.length).toBeGreaterThanOrEqual(0.9);
  });

  it.each(files)('%s has a name of plain words', (file) => {
    for (const part of file.replace(/(\.d)?\.ts$/, '').split('/')) {
      expect(part).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      expect(part).not.toMatch(/^(utils?|helpers?|common|misc)$/);
    }
  });

  it.each(files)('%s: erasable syntax, no default export', (file) => {
    const wrong = findings(file, (node) => {
      if (ts.isEnumDeclaration(node)) return 'enum';
      if (ts.isModuleDeclaration(node) && ts.isIdentifier(node.name) && !file.endsWith('.d.ts')) return 'namespace';
      if (ts.isDecorator(node)) return 'decorator';
      if (ts.isImportEqualsDeclaration(node)) return 'import =';
      if (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)) return 'parameter property';
      if (ts.isExportAssignment(node)) return 'default export';
      if (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent)) return 'default export';
      return undefined;
    });
    expect(wrong).toEqual([]);
  });

  /** Where a folder has no `index.ts`, nor a file of its own name. */
  const MAIN: Readonly<Record<string, string>> = {
    memory: 'heap.ts',
    net: 'device.ts',
    transport: 'open.ts',
    cli: 'main.ts',
    replay: 'reader.ts',
  };
  const folders = [...new Set(files.filter((file) => file.includes('/') && file !== 'kernel/context.ts').map(unit))];

  it.each(folders)('src/%s opens with what it holds', (folder) => {
    const main = [`${folder}/index.ts`, `${folder}/${folder}.ts`, `${folder}/${MAIN[folder]}`].find((file) =>
      sources.has(file),
    );
    expect(main, 'a main file: index.ts, or one called like the folder').toBeDefined();
    const comment = overview(main!);
    expect(comment.startsWith('/**'), `${main} begins with a comment`).toBe(true);
    expect(comment.split('\n').length, `the overview of ${main}`).toBeGreaterThanOrEqual(4);
  });
});

describe('departures from Linux', () => {
  /** Each file as often as it departs. */
  const departing = files.flatMap((file) =>
    (sources.get(file)!.text.match(/\bDiffers:(?!`)/g) ?? []).map(() => `src/${file}`),
  );
  /** The rows of a page's section. */
  function rows(page: string, title: string): string[] {
    const text = readFileSync(join(root, page), 'utf8');
    const section = new RegExp(`^#+ ${title}\\s*\\n([\\s\\S]*?)(?=^#+ |(?![\\s\\S]))`, 'm').exec(text)?.[1] ?? '';
    return section
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .flatMap((row) => /src\/[\w./-]+\.ts/.exec(row) ?? []);
  }

  it('are the rows of the README, and those of the receivers the rows of their page', () => {
    const fromLinux = rows('src/README.md', 'Differences from Linux');
    const fromLibncrx = rows('src/receiver/README.md', 'Differences from libncrx');
    expect(fromLibncrx.every((file) => file.startsWith('src/receiver/'))).toBe(true);
    expect([...fromLinux, ...fromLibncrx].sort()).toEqual(departing);
  });
});

function tracked(): string[] {
  try {
    return execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\0')
      .filter(Boolean);
  } catch {
    // Not a checkout: what the package was unpacked to.
    const skip = /^(node_modules|dist|coverage)(\/|$)/;
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((file) => !skip.test(file));
  }
}

describe('no file names the machine it was made on', () => {
  // Taken apart, so that this file does not find itself.
  const PATTERNS: readonly (readonly [what: string, pattern: RegExp])[] = [
    [
      'a path of a machine',
      new RegExp(['(?<![\\w.$}])/wo', 'rk/\\w|/ho', 'me/\\w+/|(?<![\\w$}"])/ro', 'ot/\\w|\\.\\./sha', 'red/'].join('')),
    ],
    [
      'a registry',
      new RegExp(['regis', 'try\\.(npm|yarn|node)|"resol', 'ved": "http|verda', 'ccio|artifac', 'tory'].join(''), 'i'),
    ],
  ];
  const text = tracked().filter(
    (file) => existsSync(join(root, file)) && !file.startsWith('test/golden/') && !/\.(pcap|wasm|png)$/.test(file),
  );

  it('has files to look at', () => expect(text.length).toBeGreaterThan(100));

  it.each(PATTERNS)('%s', (_, pattern) => {
    const found = text.flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1} ${line.trim().slice(0, 120)}`] : [])),
    );
    expect(found).toEqual([]);
  });
});
