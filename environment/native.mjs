// npm run native [-- --wheel FILE] [--gpu] [--force]
// Builds tfjs-node, the native TensorFlow.js, from the C++ in its npm package and the library in a PyPI wheel: for plain
// TensorFlow.js code and for GPUs. Nothing else here needs it. Running again does nothing.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cuda, libraries, parts, tensorflow, tfjsNode, wheels } from './native-parts.mjs';
import { root, run, setUp } from './setup.mjs';

const binding = 'tfjs_binding.node';
const napi = 8;

/**
 * Runs a program quietly; where it fails, the end of what it said is the error.
 * @param {string} command @param {string[]} args @param {{ [name: string]: string }} [env]
 */
function call(command, args, env = {}) {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1e8,
      env: { ...process.env, ...env },
    });
  } catch (error) {
    const said = String(/** @type {{ stderr?: string }} */ (error).stderr ?? '').trim();
    throw new Error(`${command} failed:\n${said.split('\n').slice(-15).join('\n')}`, { cause: error });
  }
}

/** @param {string} what @param {() => void} action */
function step(what, action) {
  const began = performance.now();
  process.stderr.write(`${what} … `);
  action();
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0)} s\n`);
}

/**
 * Where npm put the package.
 * @param {string} name
 */
function find(name) {
  try {
    return dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/**
 * The recipe for this machine.
 * @param {{ gpu: boolean, platform?: string, libc?: boolean }} options `libc`: whether the C library is glibc
 */
export function recipe({ gpu, platform = `${process.platform}-${process.arch}`, libc = hasGlibc() }) {
  const wanted = `${platform}${gpu ? '-gpu' : ''}`;
  const wheel = wheels[wanted];
  if (!wheel) {
    throw new Error(`tfjs-node cannot be built on ${wanted}, only on ${Object.keys(wheels).join(', ')}: WebAssembly goes on running`); // prettier-ignore
  }
  if (!libc) throw new Error('tfjs-node needs glibc, which this system has not: WebAssembly goes on running');
  return { wanted, wheel };
}

function hasGlibc() {
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return header.glibcVersionRuntime !== undefined;
}

/**
 * Complains in one line where something is missing.
 * @param {{ needsMB: number, freeMB: number, has: (command: string, ...args: string[]) => boolean, file?: string | undefined }} found
 */
export function check({ needsMB, freeMB, has, file }) {
  if (!has('g++', '--version'))
    throw new Error('a C++ compiler is needed, g++ (Debian, Ubuntu: apt install g++)');
  if (!has('python3', '--version')) {
    throw new Error(
      'Python is needed, python3, to unpack the wheel (Debian, Ubuntu: apt install python3 python3-pip)',
    );
  }
  if (file !== undefined && !existsSync(file)) throw new Error(`no such file: ${file}`);
  if (file === undefined && !has('python3', '-m', 'pip', '--version')) {
    throw new Error('pip is needed to fetch the wheel (Debian, Ubuntu: apt install python3-pip), or give one: --wheel FILE'); // prettier-ignore
  }
  if (freeMB < needsMB) {
    throw new Error(
      `not enough disk: ${freeMB.toFixed(0)} MB are free, ${needsMB} MB are needed while it builds`,
    );
  }
}

/** Node-API's headers: beside the running Node, or npm's. */
function headers() {
  const beside = join(dirname(process.execPath), '..', 'include', 'node');
  const found = [beside, join(find('node-api-headers') ?? '', 'include')].find((folder) =>
    existsSync(join(folder, 'node_api.h')),
  );
  if (!found) throw new Error('the headers of Node-API are missing: npm ci');
  return found;
}

/**
 * Loads the whole package with the binding in `folder`, in a process of its own; a line about what it found.
 * @param {string} at the package @param {string} folder
 */
function smoke(at, folder) {
  return call(process.execPath, [join(root, 'environment', 'native-smoke.cjs'), at, join(folder, binding)], {
    TF_CPP_MIN_LOG_LEVEL: '2',
  }).trim();
}

/**
 * Puts tfjs-node's JavaScript into node_modules, under a name that backend.ts looks for.
 * @param {boolean} gpu
 */
function installPackage(gpu) {
  const name = gpu ? 'tfjs-node-gpu' : 'tfjs-node-cpu';
  const found = find(name);
  if (found) return found;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const spec = `${name}@npm:@tensorflow/tfjs-node@${tfjsNode}`;
  step(`installing @tensorflow/tfjs-node ${tfjsNode} as ${name}`, () =>
    call(npm, [
      'install',
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefix',
      root,
      spec,
    ]),
  );
  const installed = find(name);
  if (!installed) throw new Error(`npm installed no ${name}`);
  return installed;
}

/** @param {{ wheel?: string, gpu?: boolean, force?: boolean }} options */
async function native({ wheel: file, gpu = false, force = false }) {
  const { wanted, wheel } = recipe({ gpu });
  const has = (/** @type {string} */ command, /** @type {string[]} */ ...args) =>
    spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  const disk = statfsSync(root);
  check({ needsMB: wheel.needsMB, freeMB: (disk.bavail * disk.bsize) / 1e6, has, file });

  const at = installPackage(gpu);
  const folder = join(at, 'binding');
  const sources = readdirSync(folder).filter((name) => name.endsWith('.cc')).map((name) => join(folder, name)); // prettier-ignore
  const hash = createHash('sha256').update(sources.map((path) => readFileSync(path, 'utf8')).join()).digest('hex'); // prettier-ignore
  const stamp = JSON.stringify({ tfjsNode, tensorflow, wanted, hash });
  const target = join(at, 'lib', `napi-v${napi}`);
  const note = join(target, 'built.json');
  if (!force && existsSync(note) && readFileSync(note, 'utf8') === stamp) {
    console.log(`up to date: ${smoke(at, target)}`);
    return;
  }

  mkdirSync(join(at, 'lib'), { recursive: true });
  // Built beside the target, and moved there once it has passed: a process that runs keeps the old files.
  const work = mkdtempSync(join(at, 'lib', '.build-'));
  process.on('exit', () => rmSync(work, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
  const stage = join(work, 'out');
  const inside = join(work, 'tensorflow');
  mkdirSync(stage);
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input'];
  let archive = file && resolve(file);
  if (!archive) {
    step(`fetching ${wheel.project} ${tensorflow}`, () => {
      const pin = join(work, 'wheel.txt');
      writeFileSync(pin, `${wheel.project}==${tensorflow} --hash=sha256:${wheel.sha256}\n`);
      // The libraries in a wheel do not depend on Python: any python3 may fetch the one for 3.11.
      const which = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', '--platform', wheel.platform]; // prettier-ignore
      call('python3', [...pip, 'download', '-q', '--no-deps', '--only-binary=:all:', ...which, '-d', work, '-r', pin], { TMPDIR: work }); // prettier-ignore
    });
    archive = join(work, readdirSync(work).find((name) => name.endsWith('.whl')) ?? '');
  }
  step('unpacking the libraries', () => call('python3', ['-c', unpack, String(archive), work, ...libraries, ...parts])); // prettier-ignore
  for (const name of libraries) {
    if (!existsSync(join(inside, name))) throw new Error(`the wheel has no tensorflow/${name}`);
    if (has('strip', '--version')) call('strip', ['--strip-unneeded', join(inside, name)], { TMPDIR: work });
  }
  for (const name of [...libraries, 'THIRD_PARTY_NOTICES.txt'])
    renameSync(join(inside, name), join(stage, name));
  renameSync(join(inside, 'include', 'LICENSE'), join(stage, 'LICENSE'));
  step('compiling the binding', () => {
    const flags = ['-shared', '-fPIC', '-O2', '-std=c++17', `-DNAPI_VERSION=${napi}`];
    const include = [`-I${headers()}`, `-I${join(inside, 'include')}`];
    const link = [`-L${stage}`, ...libraries.map((name) => `-l:${name}`), '-Wl,-rpath,$ORIGIN'];
    call('g++', [...flags, ...include, ...sources, '-o', join(stage, binding), ...link], { TMPDIR: work });
  });
  if (gpu) {
    step('fetching the CUDA libraries', () => {
      const into = ['--target', join(work, 'cuda')];
      call('python3', [...pip, 'install', '-q', '--no-deps', '--only-binary=:all:', ...into, ...cuda], { TMPDIR: work }); // prettier-ignore
      // The library's run path looks in ../nvidia.
      rmSync(join(at, 'lib', 'nvidia'), { recursive: true, force: true });
      renameSync(join(work, 'cuda', 'nvidia'), join(at, 'lib', 'nvidia'));
    });
  }
  writeFileSync(join(stage, 'built.json'), stamp);
  smoke(at, stage);
  rmSync(target, { recursive: true, force: true });
  renameSync(stage, target);
  const size = libraries.reduce((sum, name) => sum + statSync(join(target, name)).size, 0);
  console.log(`${smoke(at, target)}, ${(size / 1e6).toFixed(0)} MB. L2L_BACKEND=${gpu ? 'gpu' : 'node'} takes it; \`npm ci\` removes it.`); // prettier-ignore
}

const unpack = `
import sys, zipfile
archive, into, *wanted = sys.argv[1:]
with zipfile.ZipFile(archive) as z:
    for name in z.namelist():
        if name.startswith(tuple('tensorflow/' + w for w in wanted)): z.extract(name, into)
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await run(async () => {
    const { values } = parseArgs({ options: { wheel: { type: 'string' }, gpu: { type: 'boolean' }, force: { type: 'boolean' } } }); // prettier-ignore
    await setUp();
    await native(values);
  });
}
