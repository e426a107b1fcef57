import type { Answer } from '../asking/asker.ts';
import type { DescribedValue } from '../asking/describedValue.ts';
import type { Asked } from '../session/asking.ts';
import { code, escapeMarkdown } from './editorMessages.ts';

/** What Nix answered about an expression that no run observed, in paragraphs of Markdown. */
export function renderAnswer({ context, answer }: Asked<Answer>): string[] | undefined {
  const asked = `*Asked Nix just now, in the context of ${escapeMarkdown(context)}.*`;
  switch (answer.kind) {
    case 'unknown':
      return undefined;
    case 'failed':
      return [`Nix cannot evaluate this here: ${escapeMarkdown(answer.message.split('\n')[0] ?? '')}`, asked];
    case 'values': {
      const texts = [...new Set(answer.values.map(renderValue))];
      const more = answer.isComplete ? '' : ' or more';
      const heading = texts.length > 1 ? [`This expression has ${texts.length} values${more}.`] : [];
      return [...heading, texts.join('\n\n---\n\n'), asked];
    }
  }
}

/** In a line, for a list of names. */
export function summarizeValue(value: DescribedValue): string {
  switch (value.kind) {
    case 'derivation':
      return [value.name, platforms(value)].filter(Boolean).join(' · ');
    case 'package-set':
      return `packages ${platforms({ system: value.build, host: value.host })}`;
    case 'set':
      return `set of ${value.size}`;
    case 'function':
      return value.formals.length > 0 ? `function of { ${value.formals.join(', ')} }` : 'function';
    case 'list':
      return `list of ${value.length}`;
    case 'text':
      return `${value.type} ${value.text}`;
  }
}

/** The build platform, and the host platform where that is another one. */
function platforms({ system, host }: { readonly system: string; readonly host: string }): string {
  return host === '' || host === system ? system : `${system} → ${host}`;
}

function renderValue(value: DescribedValue): string {
  switch (value.kind) {
    case 'derivation': {
      const facts = [
        ...(value.system === '' ? [] : [`- build platform: ${code(value.system)}`]),
        ...(value.host === '' ? [] : [`- host platform: ${code(value.host)}`]),
      ];
      return [`**${escapeMarkdown(value.name)}**`, facts.join('\n')].filter(Boolean).join('\n\n');
    }
    case 'package-set': {
      const compilers =
        value.target === '' || value.target === value.host
          ? ''
          : ` (their compilers make code for ${code(value.target)})`;
      return `packages that are built on ${code(value.build || value.host)} and run on ${code(value.host)}${compilers}`;
    }
    case 'set': {
      const more = value.size > value.names.length ? ', …' : '';
      return value.size === 0
        ? 'an empty set'
        : `a set of ${value.size}: ${value.names.map(code).join(', ')}${more}`;
    }
    case 'function':
      return value.formals.length > 0
        ? `a function of ${value.formals.map(code).join(', ')}`
        : 'a function of one argument';
    case 'list':
      return `a list of ${value.length}`;
    case 'text':
      return `a ${value.type}: ${code(value.text)}`;
  }
}
