/** What an idx file says of itself: type byte, then the sizes of its axes. */
export type Idx = { shape: number[]; values: Uint8Array };

/**
 * Reads an idx file of unsigned bytes, the format of MNIST: 0, 0, type 8, number of axes, their sizes as big-endian
 * 32-bit integers, the values.
 *
 * @param name of the file, and `remedy`, what to do: for the messages
 * @throws where the file is of another type or its length does not fit its header
 */
export function readIdx(file: Uint8Array, name: string, remedy = 'fetch it again'): Idx {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = file.length < 4 ? -1 : view.getUint32(0);
  if (magic >>> 8 !== 8) {
    throw new Error(
      `${name} is no idx file of bytes: expected a magic number 0x000008.., got 0x${magic.toString(16)}: ${remedy}`,
    );
  }
  const axes = magic & 255;
  const header = 4 + 4 * axes;
  const shape = Array.from({ length: axes }, (_, i) =>
    file.length < header ? 0 : view.getUint32(4 + 4 * i),
  );
  const expected = header + shape.reduce((a, b) => a * b, 1);
  if (file.length !== expected) {
    throw new Error(`${name}: expected ${expected} bytes for [${shape}], got ${file.length}: ${remedy}`);
  }
  return { shape, values: file.subarray(header) };
}
