/**
 * The one place that depends on tslab's source text. tslab's converter is loaded with a few lines changed; each change is listed
 * with its reason, and a line that is not found exactly once is an error that names it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { posix, relative, sep } from 'node:path';
import type * as TypeScript from '@tslab/typescript-for-tslab';
import type { CompletionInfo, Converter, Diagnostic } from 'tslab/dist/converter';
import { moduleAt } from './modules.js';

export type { CompletionInfo, Converter, Diagnostic, TypeScript };
/** Modules of the project that the kernel belongs to. */
const load = createRequire(__filename);
const writtenFor = '1.0.22';

/** "tslab" in the project's tsconfig.json: {"lib": ["dom"], "compilerOptions": {"strict": true}}. */
export interface Settings {
  lib?: string[];
  compilerOptions?: Record<string, unknown>;
}

export interface Tslab {
  ts: typeof TypeScript;
  converter: Converter;
  printQuickInfo(info: TypeScript.QuickInfo): string;
}

/** Inserted into tslab's rewriting of names from earlier cells, which misses `{ name }`. */
const shorthand = `if (ts.isShorthandPropertyAssignment(node)) {
  const symbol = checker.getShorthandAssignmentValueSymbol(node);
  if (!symbol?.declarations?.some((d) => d.getSourceFile() === declsFile)) return node;
  const value = ts.factory.createPropertyAccessExpression(ts.factory.createIdentifier("exports"), node.name.text);
  const initial = node.objectAssignmentInitializer;
  return ts.factory.createPropertyAssignment(node.name.text, initial ? ts.factory.createAssignment(value, initial) : value);
}
`;

interface Edit {
  find: string;
  replace: string;
  why: string;
}

function converterEdits(root: string, directory: string, settings: Settings): Edit[] {
  const literal = (value: unknown) => JSON.stringify(value);
  const toPosix = (path: string) => path.split(sep).join(posix.sep);
  const rootDir = literal(toPosix(root));
  const below = literal(toPosix(relative(root, directory)) || '.');
  const upward = "files of the project outside the notebook's folder can be imported";
  return [
    { find: '(outDir, "__tslab__.js")', replace: `(outDir, ${below}, "__tslab__.js")`, why: upward },
    { find: '(outDir, "__tslab__.d.ts")', replace: `(outDir, ${below}, "__tslab__.d.ts")`, why: upward },
    { find: '(cwd, rel),', replace: `(${rootDir}, rel),`, why: upward },
    {
      find: 'path_1.default.relative(cwd, d.file.fileName);',
      replace: `path_1.default.relative(${rootDir}, d.file.fileName);`,
      why: 'errors in such files are reported',
    },
    {
      find: 'rootDir: cwd,',
      replace: `rootDir: ${rootDir}, inlineSourceMap: true, ...(${literal(settings.compilerOptions ?? {})}),`,
      why: "the project's compiler options; source maps for error traces",
    },
    {
      find: 'transpileLib.map(',
      replace: `[...transpileLib, ...(${literal(settings.lib ?? [])})].map(`,
      why: 'optional type libraries, for example dom',
    },
    {
      find: 'disableTopLevelAwait: true,',
      replace: '',
      why: 'await (x) and for await are parsed as top-level await',
    },
    {
      find: 'if (!ts.isIdentifier(node)) {',
      replace: shorthand + 'if (!ts.isIdentifier(node)) {',
      why: '{ name } works with names of earlier cells',
    },
    {
      find: 'function esModuleToCommonJSModule(js, target) {',
      replace: 'function esModuleToCommonJSModule(js, target) { return js;',
      why: 'the kernel makes the CommonJS code itself (emit.ts)',
    },
  ];
}

function apply(source: string, edits: Edit[], version: string): string {
  const failed = edits.filter(({ find }) => source.split(find).length !== 2);
  if (failed.length > 0) {
    const list = failed.map(({ find, why }) => `  ${find}   (needed: ${why})`);
    throw new Error(
      `This kernel was written for tslab ${writtenFor}; tslab ${version} lacks these lines of converter.js:\n${list.join('\n')}`,
    );
  }
  return edits.reduce((text, { find, replace }) => text.replace(find, () => replace), source);
}

/** `directory` is the notebook's folder, `root` the project's; both must be real paths. */
export function loadTslab(root: string, directory: string, settings: Settings): Tslab {
  const { version } = load('tslab/package.json') as { version: string };
  const file = load.resolve('tslab/dist/converter.js');
  const edited = apply(readFileSync(file, 'utf8'), converterEdits(root, directory, settings), version);
  const { module, evaluate } = moduleAt(file);
  evaluate(edited);
  const { createConverter } = module.exports as typeof import('tslab/dist/converter');
  const { printQuickInfo } = load('tslab/dist/inspect.js') as Pick<Tslab, 'printQuickInfo'>;
  return { ts: load('@tslab/typescript-for-tslab'), converter: createConverter(), printQuickInfo };
}

/** What `import { display } from "tslab"` loads, with its messages sent to `send`. */
export function tslabModule(
  send: (message: { data: object; metadata: object; transient: object }, update: boolean) => void,
): unknown {
  (load('tslab/dist/jupyter.js') as { lastWriteDisplayData: typeof send }).lastWriteDisplayData = send;
  return load('tslab');
}
