import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { fromHalf, toHalf } from './float16.js';
import type { Params } from './types.js';

/** What a checkpoint says of itself: experiment, settings, seed, versions …; any JSON. */
export type Metadata = { readonly [key: string]: unknown };

/** Numbers of 32 or 16 bits. */
export type Precision = 'F32' | 'F16';

/**
 * Writes named tensors as a safetensors file with `metadata`, in float32 or rounded to float16. The file appears whole
 * or not at all.
 *
 * Format: 8 bytes little-endian length of a JSON header, the header, the tensors one after the other.
 *
 * @throws where a finite number is too large for float16
 */
export async function saveParams(
  path: string,
  params: Params,
  metadata: Metadata = {},
  precision: Precision = 'F32',
): Promise<void> {
  const header: { [name: string]: unknown } = {
    // The format allows only strings here.
    __metadata__: Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => [key, JSON.stringify(value)]),
    ),
  };
  const chunks: Buffer[] = [];
  let offset = 0;
  for (const [name, tensor] of Object.entries(params)) {
    const values = written(name, await tensor.data(), precision);
    header[name] = {
      dtype: precision,
      shape: tensor.shape,
      data_offsets: [offset, offset + values.byteLength],
    };
    chunks.push(Buffer.from(values.buffer));
    offset += values.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeWhole(path, Buffer.concat([length, text, ...chunks]));
}

function written(name: string, numbers: ArrayLike<number>, precision: Precision) {
  if (precision === 'F32') return Float32Array.from(numbers);
  const large = Array.from(numbers).find((x) => Number.isFinite(x) && Math.abs(x) >= 65520);
  if (large !== undefined) throw new Error(`'${name}' holds ${large}: float16 ends at 65504`);
  return Uint16Array.from(numbers, toHalf);
}

/** Writes a file so that a kill at any moment leaves the old one or the new one. */
export function writeWhole(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.tmp`;
  writeFileSync(unfinished, content, { flush: true });
  renameSync(unfinished, path);
}

/**
 * Reads what {@link saveParams} wrote, in its order.
 *
 * @param like the names and shapes expected, when known
 * @throws naming the file and what is wrong with it: not there, truncated, a tensor missing, of another shape or
 *   not of numbers, a name that is not expected
 */
export function loadParams(path: string, like?: Params): { params: Params; metadata: Metadata } {
  const { header, bytes } = readHeader(path);
  const { __metadata__: words = {}, ...entries } = header;
  if (like) checkShapes(path, entries, like);
  const tensors = Object.entries(entries).map(([name, { dtype, shape, data_offsets }]) => {
    if (dtype !== 'F32' && dtype !== 'F16')
      throw new Error(`${path}: '${name}' is of type ${dtype}, expected F32 or F16`);
    const { buffer } = bytes.slice(...data_offsets);
    const values =
      dtype === 'F32' ? new Float32Array(buffer) : Float32Array.from(new Uint16Array(buffer), fromHalf);
    if (!values.every(Number.isFinite))
      throw new Error(`${path}: '${name}' holds values that are not finite numbers`);
    return [name, values, shape] as const;
  });
  const metadata = Object.entries(words as { [key: string]: string }).map(([key, value]) => [
    key,
    JSON.parse(value),
  ]);
  return {
    params: Object.fromEntries(tensors.map(([name, values, shape]) => [name, tf.tensor(values, shape)])),
    metadata: Object.fromEntries(metadata),
  };
}

type Entry = { dtype: string; shape: number[]; data_offsets: [from: number, to: number] };
type Header = { [name: string]: Entry };

function readHeader(path: string): { header: Header; bytes: Uint8Array } {
  const file = readFileSync(path);
  const start = file.length < 8 ? 8 : 8 + Number(file.readBigUInt64LE());
  if (start > file.length) throw new Error(truncated(path, file.length, start));
  const header = JSON.parse(file.toString('utf8', 8, start)) as Header;
  const end = start + Math.max(0, ...Object.values(header).map((entry) => entry.data_offsets?.[1] ?? 0));
  if (end > file.length) throw new Error(truncated(path, file.length, end));
  return { header, bytes: new Uint8Array(file.subarray(start)) };
}

const truncated = (path: string, got: number, expected: number) =>
  `${path} is truncated: ${got} bytes, expected ${expected}; fetch or train it again`;

function checkShapes(path: string, entries: { [name: string]: Entry }, like: Params): void {
  for (const [name, expected] of Object.entries(like)) {
    const entry = entries[name];
    if (!entry)
      throw new Error(`${path}: no tensor '${name}'; there are: ${Object.keys(entries).join(', ')}`);
    if (String(entry.shape) === String(expected.shape)) continue;
    throw new Error(
      `${path}: '${name}' has shape [${entry.shape}], expected [${expected.shape}]: another architecture`,
    );
  }
  const extra = Object.keys(entries).find((name) => !like[name]);
  if (extra)
    throw new Error(`${path}: unexpected tensor '${extra}'; expected: ${Object.keys(like).join(', ')}`);
}
