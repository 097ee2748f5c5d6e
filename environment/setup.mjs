// Makes a fresh clone ready: packages from the lock file, library and kernel compiled. Quick where nothing changed.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The folder of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const needed = [20, 19];

/**
 * Checks Node, installs and builds what changed since the last time.
 * @throws {Error} in one line, where Node is too old, or packages or the library cannot be made
 */
export async function setUp() {
  checkNode(process.versions.node);
  await install();
  await build('the library', 'lib');
  await build('the kernel', 'environment/kernel');
}

/** @param {string} found such as 20.19.0 */
export function checkNode(found) {
  const [major = 0, minor = 0] = found.split('.').map(Number);
  const [needMajor = 0, needMinor = 0] = needed;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new Error(`Node ${needed.join('.')} or newer is needed, found ${found}: install one from nodejs.org`);
}

async function install() {
  const stamp = join(root, 'node_modules', '.installed-lock');
  const hash = hashOf(['package-lock.json', 'package.json']);
  if (read(stamp) === hash) return;
  console.error('installing packages from the lock file (about half a minute) …');
  await npm(['ci', '--no-audit', '--no-fund']);
  write(stamp, hash);
}

/** @param {string} what @param {string} folder compiled to its `dist` */
async function build(what, folder) {
  const stamp = join(root, folder, 'dist', '.built-from');
  const hash = hashOf(['tsconfig.json', 'package-lock.json', ...sources(folder)]);
  if (read(stamp) === hash) return;
  console.error(`building ${what} …`);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', join(root, folder)]);
  } catch (error) {
    const { stdout = '' } = /** @type {{ stdout?: string }} */ (error);
    throw new Error(`${what} does not compile:\n${stdout.trim()}`, { cause: error });
  }
  write(stamp, hash);
}

/** @param {string[]} args */
async function npm(args) {
  const command = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const child = spawn(command, args, { cwd: root, shell: process.platform === 'win32' });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code === 0) return;
  const errors = said.split('\n').filter((line) => /^npm (error|ERR!)/.test(line));
  throw new Error(
    `npm ${args[0]} failed; is the network there, and may this folder be written?\n${errors.join('\n')}`,
  );
}

/**
 * The files that a folder is built from.
 * @param {string} folder
 * @returns {string[]}
 */
function sources(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => name !== 'dist' && name !== 'node_modules')
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? sources(path) : /(?<!\.test)\.ts$|\.json$/.test(path) ? [path] : [];
    });
}

/** @param {string[]} files */
function hashOf(files) {
  const hash = createHash('sha256').update(process.version.split('.')[0] ?? '');
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** @param {string} path */
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** @param {string} path @param {string} text */
function write(path, text) {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new Error(`cannot write ${path}: may this folder be written?`, { cause: error });
  }
}

/**
 * Runs a command's main function: an error ends it in one line with code 1.
 * @param {() => Promise<number | void>} main
 */
export async function run(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run(setUp);
