import type { LanguageClient } from 'vscode-languageclient/node';
import type { ClosureNode } from '../../../server/src/protocol.ts';
import { requests } from '../requests.ts';

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

interface Loaded {
  readonly rows: readonly NodeRow[];
  readonly total: number;
}

/** The rows of one report, asked of the server page by page and kept. */
export class ClosureRows {
  readonly #client: LanguageClient;
  readonly #reportId: number;
  /** By parent; undefined stands for the top level. */
  readonly #loaded = new Map<NodeRow | undefined, Promise<Loaded>>();

  constructor(client: LanguageClient, reportId: number) {
    this.#client = client;
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
    const loading = this.#load(parent).then((loaded) => this.#page(parent, loaded));
    this.#loaded.set(parent, loading);
    await loading;
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
    const { nodes } = await this.#client.sendRequest(requests.closurePath, {
      reportId: this.#reportId,
      key: row.node.key,
    });
    return nodes;
  }

  #load(parent: NodeRow | undefined): Promise<Loaded> {
    const loaded = this.#loaded.get(parent);
    if (loaded !== undefined) return loaded;
    const loading = this.#page(parent, { rows: [], total: 0 });
    this.#loaded.set(parent, loading);
    return loading;
  }

  async #page(parent: NodeRow | undefined, { rows }: Loaded): Promise<Loaded> {
    const { nodes, total, current } = await this.#client.sendRequest(requests.closureChildren, {
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
