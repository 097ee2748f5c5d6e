/** `node kernel.js CONNECTION_FILE`, started in the notebook's folder: a session behind Jupyter's sockets. */
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { during, receiveInterrupt } from './interrupt.js';
import { findProject } from './project.js';
import { protocolVersion, type Connection, type Content, type Outgoing, type Send } from './protocol.js';
import { createSession } from './session.js';
import type { SocketData, ToMain } from './sockets.js';

const exitAfter = 50; // ms, for the last messages to leave
const later = setTimeout; // the original: the session replaces the global one

function start(connection: Connection): void {
  const send: Send = (channel, type, content, request) => {
    const to = channel === 'shell' ? (request?.channel ?? 'shell') : channel;
    sockets.postMessage({ channel: to, type, content, request } satisfies Outgoing);
  };
  const session = createSession(findProject(), send);
  const workerData: SocketData = { connection, shared: session.shared, kernelInfo: kernelInfo() };
  const sockets = new Worker(join(__dirname, 'sockets.js'), { workerData });

  sockets.on('message', (message: ToMain) => {
    if (message.kind === 'request') during(session.shared, 'kernel', () => session.handle(message.request));
    else if (message.kind === 'shutdown') later(() => process.exit(0), exitAfter);
    else receiveInterrupt(session.shared, () => session.interrupt(message.at));
  });
  sockets.on('error', (error) => {
    writeSync(2, `kernel: ${error.stack}\n`); // process.stderr belongs to the cells
    process.exit(1);
  });
  process.on('SIGINT', () => {}); // interrupts come as messages; a Ctrl-C meant for the server must not end the kernel
  later(session.warmUp, 0);
}

function kernelInfo(): Content {
  const require = createRequire(__filename);
  const versionOf = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
  const typescript = versionOf('@tslab/typescript-for-tslab');
  return {
    protocol_version: protocolVersion,
    implementation: 'learning-to-learn',
    implementation_version: versionOf('tslab'),
    banner: `TypeScript ${typescript} on Node ${process.version}`,
    language_info: {
      name: 'typescript',
      version: typescript,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
    },
    help_links: [],
  };
}

const [file] = process.argv.slice(2);
if (file) start(JSON.parse(readFileSync(file, 'utf8')) as Connection);
else {
  console.error('usage: node kernel.js CONNECTION_FILE; Jupyter starts it, see npm run lab');
  process.exitCode = 1;
}
