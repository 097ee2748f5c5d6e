// Notebooks made for a test.

/**
 * The text of a notebook with these code cells.
 * @param {string[]} sources
 */
export function notebookOf(...sources) {
  const cells = sources.map((source, i) => ({
    cell_type: 'code',
    id: `c${i}`,
    metadata: {},
    source: source.split(/(?<=\n)/),
    outputs: [],
    execution_count: null,
  }));
  const kernelspec = { name: 'tslab', display_name: 'TypeScript', language: 'typescript' };
  const metadata = { kernelspec, language_info: { name: 'typescript' } };
  return JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 });
}
