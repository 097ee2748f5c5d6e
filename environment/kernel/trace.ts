/** Error traces in terms of the notebook: lines of the cell, no frames of the kernel, no path of the machine. */
import { SourceMap } from 'node:module';
import { dirname, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Source {
  /** How a trace calls it: "In[3]", or a path from the project. */
  label: string;
  /** From the code that runs back to the source, one after the other, in JSON. */
  maps: string[];
  /** Lines that stand before the source's first line. */
  prefixLines: number;
  /** Lines of the code; what follows is the kernel's call of it. */
  lines: number;
}

const sources = new Map<string, Source>();
let root = '';

export const registerSource = (file: string, source: Source): void => void sources.set(file, source);

/** From now on every `error.stack` is written this way, also where the user's code prints it. */
export function installTraces(projectRoot: string): void {
  root = projectRoot;
  Error.prepareStackTrace = (error, sites) => {
    const last = sites.findLastIndex(isCell); // what called the cell is the kernel
    const shown = (last >= 0 ? sites.slice(0, last + 1) : sites).filter((site) => !isKernel(site));
    return [hidePaths(headline(error)), ...shown.map((site) => `    at ${describe(site)}`)].join('\n');
  };
}

/** Paths below the project become relative to it. */
export function hidePaths(text: string): string {
  const url = pathToFileURL(root).href;
  return text
    .replaceAll(`${url}/`, '')
    .replaceAll(root + sep, '')
    .replaceAll(root, '.');
}

const isCell = (site: NodeJS.CallSite) => (site.getFileName() ?? '').startsWith('cell:');

function isKernel(site: NodeJS.CallSite): boolean {
  const file = site.getFileName() ?? 'node:';
  const afterCell = (site.getLineNumber() ?? 0) > (sources.get(file)?.lines ?? Infinity);
  return file.startsWith('node:') || dirname(file) === __dirname || afterCell;
}

function describe(site: NodeJS.CallSite): string {
  const file = site.getFileName() ?? '';
  const [line, column] = [site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1];
  const source = sources.get(file);
  if (!source) return hidePaths(String(site));
  return String(site).replace(`${file}:${line}:${column}`, original(source, line, column));
}

function original({ label, maps, prefixLines }: Source, line: number, column: number): string {
  let position = { line: line - 1, column: column - 1 };
  for (const map of maps) {
    const entry = new SourceMap(JSON.parse(map)).findEntry(position.line, position.column);
    if (!('originalLine' in entry)) break;
    position = { line: entry.originalLine, column: entry.originalColumn };
  }
  return `${label}:${Math.max(1, position.line + 1 - prefixLines)}:${position.column + 1}`;
}

/** An object that cannot be turned into text must not break the trace. */
function headline(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'Error';
  }
}
