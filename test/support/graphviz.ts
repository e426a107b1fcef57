import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

interface Graphviz {
  layout(text: string, format: string): string;
}

const require = createRequire(import.meta.url);

/** A graph as Graphviz read it. */
export interface LaidOut {
  /** Nodes and boxes, with their labels. */
  readonly objects: readonly { readonly name: string; readonly label?: string }[];
  readonly edges?: readonly { readonly label: string; readonly color: string }[];
}

/** Lays a graph out with the real Graphviz; throws where it does not accept the text. */
export async function layOut(text: string): Promise<LaidOut> {
  const file = require.resolve('@hpcc-js/wasm-graphviz');
  const { Graphviz: loader } = (await import(pathToFileURL(file).href)) as {
    Graphviz: { load(): Promise<Graphviz> };
  };
  return JSON.parse((await loader.load()).layout(text, 'json')) as LaidOut;
}
