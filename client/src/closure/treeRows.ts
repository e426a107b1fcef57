import type {
  ClosureChildrenParams,
  ClosureChildrenResult,
  ClosureNode,
  ClosurePathParams,
  ClosurePathResult,
  NodeLocation,
} from '../../../server/src/protocol.ts';

const pageSize = 200;

/** A row of the tree that stands for a node of the closure. */
export interface NodeRow {
  readonly kind: 'node';
  readonly node: ClosureNode;
  readonly parent: NodeRow | undefined;
}

/** The row below a page that is not the last one. */
export interface MoreRow {
  readonly kind: 'more';
  readonly parent: NodeRow | undefined;
  readonly left: number;
}

export type Row = NodeRow | MoreRow;

/** Where a row comes in: its own origin, or that of the nearest leak or foreign row above it. */
export function originOf(row: NodeRow): NodeLocation | undefined {
  for (let at: NodeRow | undefined = row; at !== undefined; at = at.parent) {
    const { kind, state, origin } = at.node;
    if (origin !== undefined && (at === row || kind === 'leak' || state === 'foreign')) return origin;
  }
  return undefined;
}

/** Whom the rows are asked of. */
export interface ClosureSource {
  children(params: ClosureChildrenParams): Promise<ClosureChildrenResult>;
  path(params: ClosurePathParams): Promise<ClosurePathResult>;
}

interface Loaded {
  readonly rows: readonly NodeRow[];
  readonly total: number;
}

/** The rows of one report, asked of the server page by page and kept. */
export class ClosureRows {
  readonly #source: ClosureSource;
  readonly #reportId: number;
  /** By parent; undefined stands for the top level. */
  readonly #loaded = new Map<NodeRow | undefined, Promise<Loaded>>();

  constructor(source: ClosureSource, reportId: number) {
    this.#source = source;
    this.#reportId = reportId;
  }

  /** The rows below `parent` that were loaded, the first page at least, and a row for more of them. */
  async children(parent: NodeRow | undefined): Promise<Row[]> {
    const { rows, total } = await this.#load(parent);
    const left = total - rows.length;
    return left > 0 ? [...rows, { kind: 'more', parent, left }] : [...rows];
  }

  /** Loads one more page below `parent`. */
  async loadMore(parent: NodeRow | undefined): Promise<void> {
    const before = this.#load(parent);
    await this.#keep(parent, async () => this.#page(parent, await before), before);
  }

  /** Finds a row below `parent`, loading page after page until it is there. */
  async find(
    parent: NodeRow | undefined,
    isWanted: (node: ClosureNode) => boolean,
  ): Promise<NodeRow | undefined> {
    for (;;) {
      const { rows, total } = await this.#load(parent);
      const found = rows.find((row) => isWanted(row.node));
      if (found !== undefined || rows.length >= total) return found;
      await this.loadMore(parent);
    }
  }

  /** A shortest path from the root derivation to a row's. */
  async path(row: NodeRow): Promise<readonly ClosureNode[]> {
    const { nodes } = await this.#source.path({
      reportId: this.#reportId,
      key: row.node.key,
    });
    return nodes;
  }

  #load(parent: NodeRow | undefined): Promise<Loaded> {
    const loaded = this.#loaded.get(parent);
    if (loaded !== undefined) return loaded;
    return this.#keep(parent, () => this.#page(parent, { rows: [], total: 0 }), undefined);
  }

  /** Keeps what is loaded; where that fails, what was there `before`, so that it can be tried again. */
  #keep(
    parent: NodeRow | undefined,
    load: () => Promise<Loaded>,
    before: Promise<Loaded> | undefined,
  ): Promise<Loaded> {
    const loading = load().catch((error: unknown) => {
      if (this.#loaded.get(parent) === loading) {
        if (before === undefined) this.#loaded.delete(parent);
        else this.#loaded.set(parent, before);
      }
      throw error;
    });
    this.#loaded.set(parent, loading);
    return loading;
  }

  async #page(parent: NodeRow | undefined, { rows }: Loaded): Promise<Loaded> {
    const { nodes, total, current } = await this.#source.children({
      reportId: this.#reportId,
      ...(parent === undefined ? {} : { parent: parent.node.key }),
      offset: rows.length,
      limit: pageSize,
    });
    // A report that is gone has no more rows; the status that says so comes with the next one's number.
    if (!current || nodes.length === 0) return { rows, total: rows.length };
    const next = nodes.map((node): NodeRow => ({ kind: 'node', node, parent }));
    return { rows: [...rows, ...next], total };
  }
}
