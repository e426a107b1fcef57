import { Readable } from 'node:stream';
import { spec as Spec } from 'node:test/reporters';

/**
 * Node's own `spec` reporter, with the runner's count moved behind the list of
 * failures: the last lines always say how many tests ran, passed and failed.
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} source
 */
export default async function* reporter(source) {
  /** @type {import('node:test/reporters').TestEvent[]} */
  const counts = [];
  async function* events() {
    for await (const event of source) {
      if (isCount(event)) counts.push(event);
      else yield event;
    }
  }
  yield* Readable.from(events()).compose(new Spec());
  yield* Readable.from(counts).compose(new Spec());
}

/** @param {import('node:test/reporters').TestEvent} event */
function isCount(event) {
  return (
    event.type === 'test:diagnostic' &&
    event.data.nesting === 0 &&
    /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/.test(event.data.message)
  );
}
