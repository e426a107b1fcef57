import { Readable } from 'node:stream';
import { spec as Spec } from 'node:test/reporters';

/** @typedef {import('node:test/reporters').TestEvent} TestEvent */

/**
 * Node's own `spec` reporter for several runs, with their
 * counts added up and moved behind the list of failures: the last lines always
 * say how many tests ran, passed and failed.
 * @param {AsyncIterable<TestEvent>} source
 */
export default async function* reporter(source) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  const started = performance.now();
  async function* events() {
    for await (const event of source) {
      const count = countOf(event);
      // Of runs side by side they are no sum.
      if (count?.name === 'duration_ms') continue;
      if (count) counts.set(count.name, (counts.get(count.name) ?? 0) + count.value);
      else yield event;
    }
  }
  yield* Readable.from(events()).compose(new Spec());
  for (const [name, value] of counts) yield `ℹ ${name} ${value}\n`;
  yield `ℹ duration_ms ${performance.now() - started}\n`;
}

/** @param {TestEvent} event */
function countOf(event) {
  if (event.type !== 'test:diagnostic' || event.data.nesting !== 0) return undefined;
  const found = /^(?<name>tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) (?<value>[\d.]+)$/.exec(
    event.data.message,
  );
  return found?.groups && { name: String(found.groups['name']), value: Number(found.groups['value']) };
}
