import { Graphviz } from '@hpcc-js/wasm-graphviz';
import * as z from 'zod';

/** A graph as Graphviz read it. */
const laidOut = z.object({
  /** Nodes and boxes, with their labels. */
  objects: z.array(z.object({ name: z.string(), label: z.string().exactOptional() })),
  edges: z.array(z.object({ label: z.string(), color: z.string() })).exactOptional(),
});

/** Lays a graph out with the real Graphviz; throws where it does not accept the text. */
export async function layOut(text: string): Promise<z.infer<typeof laidOut>> {
  const graphviz = await Graphviz.load();
  return laidOut.parse(JSON.parse(graphviz.layout(text, 'json')));
}
