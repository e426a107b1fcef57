import {
  CompletionItemKind,
  MarkupKind,
  type CompletionItem,
  type CompletionList,
} from 'vscode-languageserver-types';

import type { Answer, NameOffers } from '../asking/asker.ts';
import type { Asked } from '../session/asking.ts';
import { renderAnswer, summarizeValue } from './renderAnswer.ts';
import { editorLine, editorText } from './editorMessages.ts';

/** `textDocument/completion`: each item's `data` names the list and its place in it. */
export function completion({ offers, isIncomplete }: NameOffers, list: number): CompletionList {
  const items = offers.map(({ name, text, isAttribute }, place): CompletionItem => {
    return {
      label: editorLine(name),
      kind: isAttribute ? CompletionItemKind.Field : CompletionItemKind.Variable,
      ...((text !== name || editorLine(name) !== name) && { insertText: text }),
      data: [list, place],
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
    ...(first && { detail: editorLine(summarizeValue(first)) }),
    documentation: { kind: MarkupKind.Markdown, value: editorText(texts.join('\n\n')) },
  };
}
