import {
  CompletionItemKind,
  MarkupKind,
  type CompletionItem,
  type CompletionList,
} from 'vscode-languageserver-types';

import type { Answer, NameOffers } from '../evaluation/context/asker.ts';
import type { Asked } from '../session/asking.ts';
import { renderAnswer, summarizeValue } from './renderAnswer.ts';

/** `textDocument/completion`: each item's `data` is its number. */
export function completion({ offers, isIncomplete }: NameOffers): CompletionList {
  const items = offers.map(({ name, isAttribute }, data): CompletionItem => {
    const isPlain = /^[a-zA-Z_][\w'-]*$/.test(name);
    return {
      label: name,
      kind: isAttribute ? CompletionItemKind.Field : CompletionItemKind.Variable,
      ...(!isPlain && { insertText: JSON.stringify(name) }),
      data,
    };
  });
  return { items, isIncomplete };
}

/** `completionItem/resolve`: what the name would be, and for which platforms. */
export function resolvedItem(item: CompletionItem, asked: Asked<Answer> | undefined): CompletionItem {
  const texts = asked && renderAnswer(asked);
  if (!texts || asked.answer.kind !== 'values') return item;
  const [first] = asked.answer.values;
  return {
    ...item,
    ...(first && { detail: summarizeValue(first) }),
    documentation: { kind: MarkupKind.Markdown, value: texts.join('\n\n') },
  };
}
