/** The session's cells, for history requests (tail, range, search). */
export interface HistoryQuery {
  hist_access_type?: string;
  output?: boolean;
  n?: number;
  start?: number;
  stop?: number;
  pattern?: string;
  unique?: boolean;
}

const session = 1;

export type History = ReturnType<typeof createHistory>;

export function createHistory() {
  const entries = new Map<number, { count: number; code: string; result: string | undefined }>();
  return {
    add: (count: number, code: string, result?: string) => void entries.set(count, { count, code, result }),

    /** Rows [session, count, code], or [session, count, [code, result]] where `output` is asked for. */
    search(query: HistoryQuery): unknown[] {
      const { hist_access_type: type, output, n, start = 0, stop = Infinity, pattern = '*', unique } = query;
      let found = [...entries.values()];
      if (type === 'range') found = found.filter(({ count }) => count >= start && count < stop);
      if (type === 'search') found = found.filter(({ code }) => glob(pattern).test(code));
      if (type === 'search' && unique)
        found = [...new Map(found.map((entry) => [entry.code, entry])).values()];
      if (type !== 'range' && n) found = found.slice(-n);
      return found.map(({ count, code, result }) => [session, count, output ? [code, result ?? null] : code]);
    },
  };
}

/** "*" stands for any text, "?" for one character. */
function glob(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|\\[\]]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*/g, '[^]*').replace(/\?/g, '[^]')}$`);
}
