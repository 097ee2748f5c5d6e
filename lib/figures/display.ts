import { randomUUID } from 'node:crypto';
import { frontEnd } from '../frontend.js';

/** Representations of one output by their media types. */
export type Bundle = { readonly [mime: string]: unknown };

/** An output that can be changed in place. */
export type Output = { update(data: Bundle, metadata?: object): void };

type Message = { data: Bundle; metadata: object; transient: { display_id?: string } };
type Send = (message: Message, update: boolean) => void;

/**
 * Shows one output in several representations, of which the front end takes the best it knows.
 *
 * On the stock tslab kernel, whose `display` sends one representation a message, this uses the channel beneath it. Outside
 * a notebook the `text/plain` is printed.
 *
 * @param metadata by media type, for example the picture's alternative text
 */
export function displayBundle(data: Bundle, metadata: object = {}): void {
  displayOutput(data, metadata);
}

/** {@link displayBundle} for an output that changes later. */
export function displayOutput(data: Bundle, metadata: object = {}): Output {
  const here = frontEnd();
  if (here) return here.display(data, metadata);
  const transient = { display_id: randomUUID() };
  const show = (shown: Bundle, shownMetadata: object, update: boolean) => {
    const send = channel();
    if (send) send({ data: shown, metadata: shownMetadata, transient }, update);
    else if (shown['text/plain'] !== undefined) console.log(shown['text/plain']);
  };
  show(data, metadata, false);
  return { update: (next, nextMetadata = {}) => show(next, nextMetadata, true) };
}

/** Whether this runs in a notebook. */
export const inNotebook = (): boolean => frontEnd() !== undefined || channel() !== undefined;

/** The stock kernel's way to its front end: tslab keeps it in a variable of its module. */
function channel(): Send | undefined {
  const loaded = Object.entries(require.cache).find(([path]) =>
    /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(path),
  );
  const { lastWriteDisplayData } = (loaded?.[1]?.exports ?? {}) as { lastWriteDisplayData?: Send };
  return lastWriteDisplayData ?? undefined;
}
