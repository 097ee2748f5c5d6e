import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './checkpoint.js';
import { dataFolder } from './data.js';

/** What a result depends on: experiment, settings, seed, hash of the data. Plain JSON. */
export type Inputs = { readonly experiment: string; readonly [key: string]: unknown };

/** SHA-256 of plain data, independent of the order of its keys. */
export function hashOf(data: unknown): string {
  const sorted = (_: string, value: unknown) =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return createHash('sha256').update(JSON.stringify(data, sorted)).digest('hex');
}

/** Where the result of these inputs lies: `data/results/<experiment>-<kind>-<hash>.json`. */
export function resultPath(kind: string, inputs: Inputs): string {
  return join(dataFolder(), 'results', `${inputs.experiment}-${kind}-${hashOf(inputs).slice(0, 12)}.json`);
}

/** A result's file. */
export type Kept<T> = { readonly made: { readonly [what: string]: string }; readonly result: T };

/** The file of these inputs' result; undefined where there is none. */
export function keptFile<T>(kind: string, inputs: Inputs): Kept<T> | undefined {
  const path = resultPath(kind, inputs);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Kept<T>) : undefined;
}

/** Losses as they were before JSON, which has no infinity: one that is not a number is kept as null, and is no small one. */
export const lossesOf = (values: readonly (number | null)[]): number[] =>
  values.map((value) => value ?? Infinity);

/** The result of these inputs that is kept; undefined where there is none. */
export const kept = <T>(kind: string, inputs: Inputs): T | undefined => keptFile<T>(kind, inputs)?.result;

/**
 * The result of these inputs: read where it was found before, else computed and kept.
 *
 * @param again computes it even so
 * @returns what `compute` gave, with what it was made from and where
 */
export async function remembered<T>(
  kind: string,
  inputs: Inputs,
  compute: () => Promise<T>,
  { again = false, made = {} as object } = {},
): Promise<T> {
  const before = again ? undefined : kept<T>(kind, inputs);
  if (before !== undefined) return before;
  const result = await compute();
  if (process.env.L2L_FAST !== '1')
    writeWhole(resultPath(kind, inputs), JSON.stringify({ inputs, made, result }, null, 1) + '\n');
  return result;
}
