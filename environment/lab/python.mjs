// Finds Python and makes virtual environments with pinned packages; every failure is one clear line.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

const windows = process.platform === 'win32';
const oldest = '3.10';
const check = `import sys; sys.exit(sys.version_info < (${oldest.replace('.', ', ')}))`;

/**
 * A program of a virtual environment.
 * @param {string} venv @param {string} name
 */
export const program = (venv, name) =>
  join(venv, windows ? 'Scripts' : 'bin', windows ? `${name}.exe` : name);

/**
 * What a program answers; one that is not there answers with that.
 * @param {string} command @param {string[]} args
 */
function quiet(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  return { status, stdout: stdout ?? '', stderr: stderr ?? error?.message ?? '' };
}

/**
 * The same, while other work goes on.
 * @param {string} command @param {string[]} args
 */
const meanwhile = (command, args) =>
  promisify(execFile)(command, args, { maxBuffer: Infinity }).then(
    (said) => ({ status: 0, ...said }),
    (error) => ({ status: 1, stdout: error.stdout ?? '', stderr: error.stderr || error.message }),
  );

/**
 * What can make a virtual environment here: a Python of a sufficient version, or `uv`, which fetches one.
 * @returns {{ kind: 'python' | 'uv', command: string } | null}
 */
export function findPython() {
  const names = windows ? ['py', 'python'] : ['python3', 'python'];
  const command = names.find((name) => quiet(name, ['-c', check]).status === 0);
  if (command) return { kind: 'python', command };
  return quiet('uv', ['--version']).status === 0 ? { kind: 'uv', command: 'uv' } : null;
}

/**
 * Makes `venv` hold these packages; quick where it does already.
 * @param {string} venv
 * @param {readonly string[]} packages with versions, as pip takes them
 * @param {ReturnType<typeof findPython>} [found]
 * @throws {Error} in one line, where there is no Python, no venv module or no network
 */
export async function prepareVenv(venv, packages, found = findPython()) {
  const stamp = join(venv, '.packages');
  const wanted = packages.join('\n') + '\n';
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && runs(venv)) return;
  if (!found) {
    throw new Error(
      `Python ${oldest} or newer (or uv) was not found: JupyterLab needs it, npm run reproduce does not; install one from python.org`,
    );
  }
  const uv = found.kind === 'uv';
  if (!runs(venv)) {
    rmSync(venv, { recursive: true, force: true });
    console.error(`making ${relative(process.cwd(), venv)} …`);
    const args = uv ? ['venv', '--python', `>=${oldest}`, venv] : ['-m', 'venv', venv];
    const { status, stdout, stderr } = await meanwhile(found.command, args);
    if (status !== 0) {
      rmSync(venv, { recursive: true, force: true });
      const why = /ensurepip|No module named venv/.test(stdout + stderr)
        ? 'this Python has no venv module; on Debian and Ubuntu: sudo apt install python3-venv'
        : lastLine(stdout + stderr);
      throw new Error(`the virtual environment could not be made: ${why}`);
    }
  }
  console.error(`installing ${packages.join(', ')} (once, about a minute) …`);
  const python = program(venv, 'python');
  const { status, stderr } = await (uv
    ? meanwhile('uv', ['pip', 'install', '--quiet', '--python', python, ...packages])
    : meanwhile(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', '--retries', '1', ...packages])); // prettier-ignore
  if (status !== 0) {
    throw new Error(
      `the Python packages could not be installed: is the network there? (${lastLine(stderr)})`,
    );
  }
  writeFileSync(stamp, wanted);
}

/**
 * A virtual environment breaks where its Python was removed or its folder moved.
 * @param {string} venv
 */
const runs = (venv) => quiet(program(venv, 'python'), ['-c', check]).status === 0;

/** @param {string} text */
const lastLine = (text) => text.trim().split('\n').at(-1)?.trim() ?? '';
