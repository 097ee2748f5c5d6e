/** Compiles and runs cells: tslab's converter checks and translates, the code runs in this process. */
import { createRequire } from 'node:module';
import { dirname, extname, join, relative, sep } from 'node:path';
import { Script } from 'node:vm';
import { toCommonJs } from './emit.js';
import { during, type Shared } from './interrupt.js';
import { moduleAt } from './modules.js';
import { loadTslab, type Diagnostic, type Settings, type TypeScript } from './tslab.js';
import { hidePaths, registerSource } from './trace.js';

export interface EngineOptions {
  /** The project's folder; everything below it may be imported. */
  root: string;
  /** The notebook's folder, below `root`. */
  directory: string;
  settings: Settings;
  shared: Shared;
  /** Modules that the kernel provides itself. */
  provided: Record<string, () => unknown>;
}

export type Engine = ReturnType<typeof createEngine>;

export function createEngine({ root, directory, settings, shared, provided }: EngineOptions) {
  const { ts, converter, printQuickInfo } = loadTslab(root, directory, settings);
  /** All top-level bindings of all cells, and their types as declarations. */
  const bindings: Record<string, unknown> = {};
  let declarations = '';
  /** Project files that tslab has translated, and those that have run. */
  const translated = new Map<string, string>();
  let loaded = new Map<string, NodeJS.Module>();
  let cells = 0;
  const cellRequire = wrapRequire(createRequire(join(directory, 'cell.js')), directory);

  function compile(source: string, label: string) {
    const result = converter.convert(declarations, source);
    if (result.diagnostics.length > 0) throw compileError(result.diagnostics, source, label);
    if (result.sideOutputs) {
      loaded = new Map(); // a changed file must also reach the files that import it
      for (const { path, data } of result.sideOutputs) translated.set(path.split('/').join(sep), data);
    }
    const after = result.declOutput ?? '';
    if (!result.output) return { execute: () => undefined, after, valueName: undefined };
    const { code, maps, awaits } = toCommonJs(ts, result.output, true);
    const file = `cell:${++cells}`; // unlike the label, not the same for two cells
    registerSource(file, { label, maps, prefixLines: 1, lines: code.split('\n').length }); // tslab writes "export {};" above the cell
    const head = `(${awaits ? 'async ' : ''}function (exports, require, __filename, __dirname) { `;
    const filename = { filename: file, columnOffset: -head.length };
    const script = new Script(`${head}${code}\n})(...globalThis.__cell)`, filename);
    const execute = () => {
      const cell = [bindings, cellRequire, join(directory, 'cell.ts'), directory];
      (globalThis as { __cell?: unknown[] }).__cell = cell;
      return script.runInThisContext({ displayErrors: false }) as unknown;
    };
    return { execute, after, valueName: result.lastExpressionVar };
  }

  /** `require` that finds provided modules and translated project files first. */
  function wrapRequire(original: NodeJS.Require, from: string): NodeJS.Require {
    const load = (id: string): unknown => {
      const own = provided[id];
      if (own) return own();
      const file = /^\.\.?(\/|$)/.test(id) ? findTranslated(join(from, id)) : undefined;
      return file === undefined ? original(id) : loadTranslated(file);
    };
    const { cache, resolve, extensions, main } = original;
    return Object.assign(load, { cache, resolve, extensions, main });
  }

  function findTranslated(path: string): string | undefined {
    const plain = extname(path) === '.ts' ? path.slice(0, -3) : path;
    return [path, `${plain}.js`, join(plain, 'index.js')].find((file) => translated.has(file));
  }

  function loadTranslated(file: string): unknown {
    const known = loaded.get(file);
    if (known) return known.exports;
    const { code, maps } = toCommonJs(ts, translated.get(file)!, false);
    const label = relative(root, file).replace(/\.js$/, '.ts');
    registerSource(file, { label, maps, prefixLines: 0, lines: Infinity });
    const { module, evaluate } = moduleAt(file, wrapRequire(createRequire(file), dirname(file)));
    loaded.set(file, module);
    evaluate(code);
    return module.exports;
  }

  const quietly = <T>(work: () => T): T => during(shared, 'kernel', work);

  function describe(source: string, position: number): string | null {
    const info = quietly(() => converter.inspect(declarations, source, position)) as
      | TypeScript.QuickInfo
      | undefined;
    const text = info && printQuickInfo(info);
    return text && text !== 'any' ? text : null; // "any": an unknown name
  }

  return {
    /**
     * Runs a cell and returns the value of its last expression. The code before its first `await` runs before this returns.
     * Names that the cell has assigned stay, also after an error or an interrupt.
     */
    async run(source: string, label: string): Promise<unknown> {
      const { execute, after, valueName } = quietly(() => compile(source, label));
      declarations = after;
      await during(shared, 'synchronous', execute);
      if (valueName === undefined) return undefined;
      const value = bindings[valueName];
      bindings[valueName] = undefined;
      return value;
    },

    complete(source: string, position: number): { start: number; end: number; matches: string[] } {
      const { start, end, candidates } = quietly(() => converter.complete(declarations, source, position));
      return { start, end, matches: candidates };
    },

    /** Type and documentation of the name at `position`, or of the function in whose call it stands. */
    inspect(source: string, position: number): string | null {
      const found = describe(source, position);
      for (let at = position - 1, closed = 0; found === null && at > 0; at--) {
        if (source[at] === ')') closed++;
        else if (source[at] === '(' && closed-- === 0) return describe(source, at - 1);
      }
      return found;
    },

    /** Whether a console should run the code or let the user go on typing. */
    isComplete(source: string): { status: string; indent?: string } {
      const file = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
      const errors = (file as unknown as { parseDiagnostics: TypeScript.DiagnosticWithLocation[] })
        .parseDiagnostics;
      if (errors.length === 0) return { status: 'complete' };
      const end = source.trimEnd().length;
      const open = errors.some(
        ({ start, length, code }) => start + length >= end && (start >= end || unterminated.has(code)),
      );
      if (!open) return { status: 'invalid' };
      const line = source.trimEnd().split('\n').at(-1)!;
      return { status: 'incomplete', indent: /^\s*/.exec(line)![0] + (/[{([]$/.test(line) ? '  ' : '') };
    },
  };
}

/** TypeScript's codes for a comment and a template literal without an end. */
const unterminated = new Set([1010, 1160]);

/** The type check refused the cell; `stack` shows each place. */
function compileError(diagnostics: Diagnostic[], source: string, label: string): Error {
  const lines = source.split('\n');
  const places = diagnostics.map(({ fileName, start, end, messageText, code }) => {
    const at = `${fileName ?? label}:${start.line + 1}:${start.character + 1}`;
    const place = `${at} - error TS${code}: ${hidePaths(messageText)}`;
    if (fileName || lines[start.line] === undefined) return place;
    const width = end.line === start.line ? Math.max(1, end.character - start.character) : 1;
    return `${place}\n    ${lines[start.line]}\n    ${' '.repeat(start.character)}${'^'.repeat(width)}`;
  });
  const error = new Error(diagnostics[0]!.messageText);
  return Object.assign(error, { name: 'TypeScriptError', stack: places.join('\n') });
}
