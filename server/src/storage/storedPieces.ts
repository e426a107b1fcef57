import type { SourceRange } from '../model/location.ts';
import type { Observation } from '../model/observation.ts';
import type { AttributedLeak, Cause } from '../model/report.ts';
import type { GraphPart, GraphTables } from './graphCodec.ts';
import { pieceSchema } from './reportSchema.ts';

/** Puts the lists of a report together again, piece by piece. */
export class StoredPieces {
  readonly parts: GraphPart[] = [];
  readonly leaks: AttributedLeak[] = [];
  readonly causes: Cause[] = [];
  readonly observations: Observation[] = [];
  usedDefaults: SourceRange[] | undefined;
  filesRead: string[] | undefined;
  readonly sources: [file: string, text: string][] = [];
  #tables: GraphTables | undefined;

  /** @throws Error where it is no piece of a report */
  add(line: unknown): void {
    const piece = pieceSchema.parse(line);
    switch (piece.kind) {
      case 'derivations':
        this.parts.push(piece.part);
        break;
      case 'tables':
        this.#tables = piece.tables;
        break;
      case 'leaks':
        append(this.leaks, piece.elements);
        break;
      case 'causes':
        append(this.causes, piece.elements);
        break;
      case 'observations':
        append(this.observations, piece.elements);
        break;
      case 'usedDefaults':
        append((this.usedDefaults ??= []), piece.elements);
        break;
      case 'filesRead':
        append((this.filesRead ??= []), piece.elements);
        break;
      case 'sources':
        append(this.sources, piece.elements);
    }
  }

  /** @throws Error where there was none */
  get tables(): GraphTables {
    if (!this.#tables) throw new Error('it has no graph');
    return this.#tables;
  }
}

function append<Element>(list: Element[], elements: readonly Element[]): void {
  for (const element of elements) list.push(element);
}
