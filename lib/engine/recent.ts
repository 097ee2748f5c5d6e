/**
 * The thing kept under `key`, or one made now: making threads and memory costs more than using them. Of more than `most`
 * the one that was not asked for longest is closed.
 */
export function recent<T>(
  held: Map<string, T>,
  key: string,
  most: number,
  make: () => T,
  close: (oldest: T) => void,
): T {
  const found = held.get(key) ?? make();
  held.delete(key);
  held.set(key, found);
  const [oldest] = held.keys();
  if (held.size > most && oldest !== undefined) {
    close(held.get(oldest)!);
    held.delete(oldest);
  }
  return found;
}
