import type { DerivationGraph } from '../model/derivationGraph.ts';
import type { DerivationId } from '../model/derivation.ts';

/** All that the root reaches: consumers before inputs, the root first. A closure has no cycles. */
export function topologicalOrder(graph: DerivationGraph): DerivationId[] {
  const order: DerivationId[] = [];
  const entered = new Uint8Array(graph.size);
  entered[graph.root] = 1;
  const stack = [{ id: graph.root, inputs: graph.inputIds(graph.root), next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const input = top.inputs[top.next++];
    if (input === undefined) {
      order.push(top.id);
      stack.pop();
    } else if (entered[input] === 0) {
      entered[input] = 1;
      stack.push({ id: input, inputs: graph.inputIds(input), next: 0 });
    }
  }
  return order.reverse();
}
