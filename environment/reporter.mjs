// Collects what vitest ran, for the closing lines of npm test.

/** @typedef {{ passed: number, failed: number, skipped: string[] }} Tally */

/**
 * @param {Tally} tally
 * @returns {import('vitest/node').Reporter}
 */
export const counting = (tally) => ({
  onTestCaseResult(test) {
    const result = test.result();
    if (result.state === 'passed') tally.passed++;
    else if (result.state === 'failed') tally.failed++;
    else tally.skipped.push(`${test.fullName}: ${('note' in result && result.note) || 'no reason given'}`);
  },
  onTestModuleEnd(module) {
    // A file that does not load has errors and no tests.
    if (module.errors().length > 0) tally.failed++;
  },
});
