import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** What a process holds, in mebibytes. */
export interface Sample {
  /** Minutes since the start of the soak. */
  readonly minute: number;
  readonly resident: number;
  /** The same before garbage was collected: V8 takes its time where there is memory enough. */
  readonly residentBefore: number;
  readonly heapUsed: number;
  /** Outside V8's heap: buffers, and the WebAssembly memory in which syntax trees lie. */
  readonly outside: number;
}

const reply = z.object({
  id: z.number(),
  result: z
    .object({ result: z.object({ value: z.unknown() }).optional(), exceptionDetails: z.unknown().optional() })
    .optional(),
  error: z.unknown().optional(),
});
const usage = z.object({
  heapUsed: z.number(),
  external: z.number(),
  arrayBuffers: z.number(),
});

/**
 * Node's own debugger of another process: it collects garbage, and says what
 * the heap holds. The process needs no code for that, only `--inspect`.
 */
export class Inspector implements Disposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: z.output<typeof reply>) => void>();
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const answer = reply.safeParse(JSON.parse(String(data)));
      // Anything else is an event, of which none was asked for.
      if (answer.success) this.#waiting.get(answer.data.id)?.(answer.data);
    });
  }

  /** @param said what the process wrote to stderr: it names the address of its debugger */
  static async connect(said: string): Promise<Inspector> {
    const address = /ws:\/\/\S+/.exec(said)?.[0];
    if (address === undefined) throw new Error('The process names no debugger. Start it with --inspect.');
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true });
      socket.addEventListener('error', () => reject(new Error(`no debugger answers at ${address}`)), {
        once: true,
      });
    });
    return new Inspector(socket);
  }

  /** What the process holds after its garbage was collected. */
  async sample(pid: number | undefined, minute: number): Promise<Sample> {
    const residentBefore = residentMiB(pid);
    // Twice: what finalizers let go of in the first round goes in the second.
    for (let round = 0; round < 2; round++) await this.#ask('HeapProfiler.collectGarbage');
    const { heapUsed, external } = usage.parse(await this.#evaluate('process.memoryUsage()'));
    const mebibyte = 1024 * 1024;
    return {
      minute,
      resident: residentMiB(pid),
      residentBefore,
      heapUsed: heapUsed / mebibyte,
      outside: external / mebibyte,
    };
  }

  /** Writes a heap snapshot to a file, which Chromium's developer tools read. */
  async writeSnapshot(file: string): Promise<void> {
    await this.#evaluate(`process.getBuiltinModule('v8').writeHeapSnapshot(${JSON.stringify(file)})`);
  }

  async #evaluate(expression: string): Promise<unknown> {
    const { result, error } = await this.#ask('Runtime.evaluate', { expression, returnByValue: true });
    const fault = error ?? result?.exceptionDetails;
    if (fault !== undefined) throw new Error(`the debugger refused ${expression}: ${JSON.stringify(fault)}`);
    return result?.result?.value;
  }

  #ask(method: string, params: object = {}): Promise<z.output<typeof reply>> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error('the process has ended'));
      this.#socket.addEventListener('close', gone, { once: true });
      this.#waiting.set(id, (answer) => {
        this.#waiting.delete(id);
        this.#socket.removeEventListener('close', gone);
        resolve(answer);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

function residentMiB(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('This system does not say how much memory a process has.');
  return Number(kibibytes) / 1024;
}

/** How much a value grows in a minute: the slope of the straight line that fits best. */
export function slope(samples: readonly Sample[], value: (sample: Sample) => number): number {
  const count = samples.length;
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / count;
  const middle = mean(({ minute }) => minute);
  const level = mean(value);
  const [rise, run] = samples.reduce(
    ([above, beside], sample) => [
      above + (sample.minute - middle) * (value(sample) - level),
      beside + (sample.minute - middle) ** 2,
    ],
    [0, 0],
  );
  return run === 0 ? 0 : rise / run;
}
