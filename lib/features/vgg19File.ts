import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import type { Dataset, File, Group } from 'jsfive';

/** A convolution's numbers: kernel [3, 3, inputs, outputs] and bias [outputs]. */
export interface Weights {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

const blocks = [[64, 64], [128, 128], [256, 256, 256, 256], [512, 512, 512, 512], [512, 512, 512, 512]]; // prettier-ignore
const widths = blocks.flat();

/** The 16 convolutions of VGG-19 (Simonyan & Zisserman, 2015) in their order, conv1_1 … conv5_4. */
export const convolutions = blocks
  .flatMap((block, b) => block.map((_, i) => `conv${b + 1}_${i + 1}`))
  .map((name, i) => ({ name, inputs: widths[i - 1] ?? 3, outputs: widths[i]! }));
type Convolution = (typeof convolutions)[number];

const numbers = ({ inputs, outputs }: Convolution) => 9 * inputs * outputs + outputs;

/** Bytes of the first n convolutions in the raw layout, by n. */
const lengths = convolutions.map((_, i) => 4 * convolutions.slice(0, i + 1).reduce((n, c) => n + numbers(c), 0)); // prettier-ignore

/**
 * The first convolutions of VGG-19, as many as a file holds, channels of the first one BGR: Keras's `.h5` with or without
 * the dense layers, or the raw layout, float32 little-endian, of each convolution the kernel and then the bias, whose
 * length tells how many there are.
 *
 * @throws in one line, where there is no such file, it is truncated, of another kind, has another shape somewhere or
 *   numbers that are not finite
 */
export function readVgg19(path: string): Weights[] {
  if (!existsSync(path)) throw new Error(`no file ${path}`);
  const bytes = readFileSync(path);
  const found = isHdf5(bytes) ? readKeras(bytes, path) : readRaw(bytes, path);
  for (const { name, kernel, bias } of found) {
    if (kernel.every(Number.isFinite) && bias.every(Number.isFinite)) continue;
    throw new Error(`${path}: ${name} holds values that are not finite numbers`);
  }
  return found;
}

/** Bytes in the raw layout. */
export const rawVgg19 = (weights: readonly Weights[]): Buffer =>
  Buffer.concat(
    weights
      .flatMap(({ kernel, bias }) => [kernel, bias])
      .map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)),
  );

const isHdf5 = (bytes: Buffer) => bytes.subarray(0, 8).equals(Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'));

function readRaw(bytes: Buffer, path: string): Weights[] {
  const whole = lengths.indexOf(bytes.length);
  if (whole < 0) {
    const [first, last] = [lengths[0], lengths.at(-1)];
    throw new Error(`${path}: expected Keras's .h5 of VGG-19, or the float32 numbers of its first 1 … 16 convolutions (${first} … ${last} bytes); got ${bytes.length} bytes of something else`); // prettier-ignore
  }
  let at = bytes.byteOffset;
  const next = (n: number) => new Float32Array(bytes.buffer.slice(at, (at += 4 * n)) as ArrayBuffer);
  return convolutions.slice(0, whole + 1).map((convolution) => {
    const { inputs, outputs } = convolution;
    return { ...convolution, kernel: next(9 * inputs * outputs), bias: next(outputs) };
  });
}

/** Of each layer a group `block1_conv1`, whose attribute `weight_names` names its kernel and its bias. */
function readKeras(bytes: Buffer, path: string): Weights[] {
  const { File: Hdf5 } = createRequire(__filename)('jsfive') as { File: typeof File };
  const { buffer, byteOffset, length } = bytes;
  const inside = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw new Error(`${path}: not a whole HDF5 file of Keras (${error instanceof Error ? error.message : String(error)})`); // prettier-ignore
    }
  };
  const groups = inside(() => {
    const file = new Hdf5(buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer, path);
    const root = file.keys.includes('model_weights') ? (file.get('model_weights') as Group) : file;
    const there = convolutions.filter(({ name }) => root.keys.includes(kerasName(name)));
    return there.map(({ name }) => root.get(kerasName(name)) as Group);
  });
  if (!groups.length) throw new Error(`${path}: no layer block1_conv1, so not Keras's VGG-19`);
  return groups.map((group, i) => {
    const convolution = convolutions[i]!;
    const { name, inputs, outputs } = convolution;
    const arrays = inside(() => namesOf(group).map((word) => group.get(word) as Dataset));
    const [kernel, bias] = arrays.map(({ shape }) => `[${shape}]`);
    if (kernel !== `[3,3,${inputs},${outputs}]` || bias !== `[${outputs}]`)
      throw new Error(`${path}: ${name} has a kernel ${kernel} and a bias ${bias}, expected [3,3,${inputs},${outputs}] and [${outputs}]: another network`); // prettier-ignore
    const [k, b] = inside(() => arrays.map(({ value }) => Float32Array.from(value))) as [Float32Array, Float32Array]; // prettier-ignore
    return { ...convolution, kernel: k, bias: b };
  });
}

/** HDF5 fills the shorter words of a list up with zeros. */
const namesOf = ({ attrs }: Group) =>
  (attrs.weight_names as string[]).map((word) => word.replace(/\0+$/, ''));

const kerasName = (name: string) => name.replace('conv', 'block').replace('_', '_conv');
