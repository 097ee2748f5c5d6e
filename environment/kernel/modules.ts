/** CommonJS modules made from text. */
import Module from 'node:module';
import { dirname } from 'node:path';

/** What Node's `Module` has without saying so in its types. */
type Internal = Module & { _compile(source: string, file: string): void };
type Paths = { _nodeModulePaths(directory: string): string[] };

/** A module that is run by `evaluate(source)`, later, so that modules which import each other find one another. */
export function moduleAt(file: string, require?: NodeJS.Require) {
  const module = new Module(file) as Internal;
  const paths = (Module as unknown as Paths)._nodeModulePaths(dirname(file));
  Object.assign(module, { filename: file, paths, ...(require && { require }) });
  return { module, evaluate: (source: string) => module._compile(source, file) };
}
