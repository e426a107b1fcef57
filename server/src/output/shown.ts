import { paintMark } from './paint.ts';

/**
 * How texts of a repository and of Nix reach people. There is one function for
 * each place where they are shown; each of them makes visible what a terminal
 * obeys, what turns the direction of writing and what nobody can see, and takes
 * away what the place itself would read as its own language.
 */

/** What may not be shown as it is, whatever stands beside it. */
const dangerous = new RegExp(
  [
    // Control characters (C0, DEL, C1), those that break lines among them, and halves of a surrogate pair.
    '[\\p{Cc}\\u2028\\u2029\\p{Surrogate}]',
    // They turn the direction of writing (Unicode, "Bidi_Control").
    '\\p{Bidi_Control}',
    // Nothing is seen of them (Unicode, "Default_Ignorable_Code_Point"), nor of what stands between annotations.
    '[\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb\\p{Noncharacter_Code_Point}]',
  ].join('|'),
  'gu',
);

/**
 * Default-ignorable characters that ordinary texts need: joiners within emoji
 * and between letters of the scripts that join them (as in domain names, RFC
 * 5892, "CONTEXTJ"), and one selector of a variant behind what has variants.
 */
const ordinary = new RegExp(
  [
    '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f])\\u200d(?=\\p{Extended_Pictographic})',
    `(?<=[${joiningScripts()}])[\\u200c\\u200d](?=[${joiningScripts()}])`,
    '(?<=\\p{Emoji})[\\ufe0e\\ufe0f]',
    '(?<=\\p{Script=Han})[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]',
  ].join('|'),
  'uy',
);

function joiningScripts(): string {
  const names =
    'Arabic Syriac Mongolian Nko Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Myanmar Tibetan';
  return names
    .split(' ')
    .map((name) => `\\p{Script=${name}}`)
    .join('');
}

const printableOnly = /^[\u0020-\u007e]*$/;

/** So much is shown of a name or a sentence, and of a text of several lines. */
const mostOfLine = 2000;
const mostOfText = 20_000;

/** One line that no terminal and no reader mistakes for anything else: `\u{202e}` stands for what cannot be seen. */
export function visible(text: string, most = mostOfLine): string {
  return shown(shortened(text, most));
}

/** {@link visible}, except that line breaks and tabs stay. */
export function visibleText(text: string, most = mostOfText): string {
  return shortened(text.replaceAll('\r\n', '\n'), most)
    .split('\n')
    .map((line) => line.split('\t').map(shown).join('\t'))
    .join('\n');
}

/** Line breaks and what is around them become a blank: for sentences, in which they mean nothing. */
export function joinLines(text: string): string {
  // It begins where a run of blanks begins: a run that ends in no line break is looked at once.
  return text.replace(/(?<![ \t])[ \t]*\r?\n\s*/g, ' ');
}

function shown(text: string): string {
  if (printableOnly.test(text)) return text;
  return text.replace(dangerous, (character, offset: number) => {
    ordinary.lastIndex = offset;
    return ordinary.test(text) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
  return `${kept}… (${(text.length - kept.length).toLocaleString('en-US')} more characters)`;
}

/**
 * A line of output that no CI server takes for a command: GitHub obeys `::`
 * where a line begins, and it and others `##[…]` and the like wherever they
 * stand (actions/runner, `ActionCommand.cs`).
 */
function withoutCommands(line: string): string {
  return line
    .replace(/^((?:\s|\u001b\[\d+m)*):(?=:)/u, '$1\\u{3a}')
    .replace(/#(?=#(?:\[|vso\[|teamcity\[))/giu, '\\u{23}');
}

/** Output of the command for people, of which each line stays one; only our own colours pass. */
export function terminalText(lines: readonly string[]): string {
  return lines.map((line) => `${withoutCommands(terminalLine(line))}\n`).join('');
}

/** Lines that a program reads as they are, such as a patch; on a screen, what a terminal would obey is made visible. */
export function exactText(lines: readonly string[], isOnScreen: boolean): string {
  if (isOnScreen) return terminalText(lines.map((line) => line.replace(/\r$/, '').replaceAll('\t', '    ')));
  return lines.map((line) => `${line}\n`).join('');
}

function terminalLine(line: string): string {
  const [first = '', ...painted] = line.split(paintMark);
  const rest = painted.map((part) => {
    const end = part.indexOf('m') + 1;
    return `\u001b[${part.slice(0, end)}${visible(part.slice(end))}`;
  });
  return visible(first) + rest.join('');
}

/** A message with its own line breaks for the terminal: none of its lines starts one of ours. */
export function terminalMessage(text: string): string[] {
  return visibleText(text)
    .replaceAll('\t', ' ')
    .split('\n')
    .map((line, index) => (index === 0 ? line : `  | ${line}`));
}

/** A text in Markdown code, in one line. */
export function code(text: string): string {
  const line = visible(joinLines(text));
  const fence = '`'.repeat(longestRun(line, /`+/g) + 1);
  const padding = line === '' || line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${line}${line === '' ? '' : padding}${fence}`;
}

/**
 * Markdown that shows a text as it is, except that `code` in it stays code: no
 * link, image, HTML, entity, formula, list or heading, and only one line.
 */
export function escapeMarkdown(text: string): string {
  return visible(joinLines(text).replace(/^\s+/, ' '))
    .replace(/(?<!`)(`+)(?!`)[^`]*(?<!`)\1(?!`)|[\\*[\]<>#|~`&$!]|\b_|_\b/g, (match, fence?: string) =>
      fence === undefined ? `\\${match}` : match,
    )
    .replace(/^( ?)([-+=]|\d+(?=[.)]))/, (_, blank: string, start: string) =>
      /\d/.test(start) ? `${blank}${start}\\` : `${blank}\\${start}`,
    );
}

/** {@link escapeMarkdown} for a page of a code host, which also tells people and issues that are named. */
export function hostedMarkdown(text: string): string {
  return withoutMentions(escapeMarkdown(text.replace(/\s+/g, ' ').trim()));
}

/** What a code host makes links of (GitHub Flavored Markdown, "Autolinks"; GitHub, "Autolinked references"). */
const beginsLink = String.raw`@(?=\w)|#(?=\d)|\bGH-(?=\d)|\bwww(?=\.)|\w(?=:\/\/)`;
const markdownLinks = new RegExp(`(\`+)[^\`]*\\1|${beginsLink}`, 'gi');
const htmlLinks = new RegExp(`(${beginsLink})|[&<>"'\`*_[\\]\\\\$~]`, 'gi');

/** Outside of code: an empty comment parts the sign from the name, and what begins an address from the rest. */
function withoutMentions(markdown: string): string {
  return markdown.replace(markdownLinks, (match, fence?: string) =>
    fence === undefined ? `${match}<!-- -->` : match,
  );
}

/** A block of Markdown code, whatever it holds. */
export function codeBlock(language: string, lines: readonly string[]): string {
  const rows = lines.flatMap((line) => visibleText(line.replace(/\r$/, '')).split('\n'));
  const fence = '`'.repeat(Math.max(2, longestRun(rows.join('\n'), /`+/g)) + 1);
  return [`${fence}${language}`, ...rows, fence].join('\n');
}

/** Text between tags of HTML, where Markdown is not read. */
export function html(text: string): string {
  return visible(text.replace(/\s+/g, ' ').trim()).replace(htmlLinks, (sign, linking?: string) =>
    linking === undefined ? `&#${sign.codePointAt(0) ?? 0};` : `${sign}<!-- -->`,
  );
}

/** For a URI, which halves of a surrogate pair cannot be part of. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** A whole page of Markdown, as it is printed: CI servers read each of its lines. */
export function printedPage(text: string): string {
  return text.split('\n').map(withoutCommands).join('\n');
}

/** The message of an annotation, which may have several lines (actions/toolkit, `command.ts`). */
export function annotationMessage(text: string): string {
  const lines = text.replaceAll('\r\n', '\n');
  return escapedForCommand(
    lines
      .split('\r')
      .map((part) => visibleText(part))
      .join('\r'),
  );
}

/** A property of an annotation, such as its title: in one line, or a file's name. */
export function annotationProperty(text: string): string {
  const lines = shortened(text, mostOfLine).split(/([\r\n])/);
  const shownLines = lines.map((part, index) => (index % 2 === 0 ? visible(part) : part));
  return escapedForCommand(shownLines.join('')).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function escapedForCommand(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A message of SARIF: what looks like a link is none (SARIF, "Messages with embedded links"). */
export function sarifMessage(text: string): string {
  return visibleText(text).replace(/\](?=\()/g, '] ');
}

/** A label of Graphviz, which reads escapes and entities in it ("escString"). */
export function dotLabel(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    visible(joinLines(line)).replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"'),
  );
  return `"${escaped.join('\\n')}"`;
}

/** A label of Mermaid: whatever it, Markdown or HTML would read in it stands as a number (Mermaid, "Entity codes"). */
export function mermaidLabel(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    visible(joinLines(line)).replace(/["#&<>`*_~$\\%{};|[\]:@]/g, (sign) => `#${sign.codePointAt(0) ?? 0};`),
  );
  return `"${escaped.join('<br/>')}"`;
}

/**
 * A document for machines: its strings are the very texts. What a terminal or a
 * CI server would obey on the way is written as JSON's own escapes.
 */
export function jsonText(document: unknown): string {
  const json = JSON.stringify(document, undefined, 2);
  const escaped = printableOrBreaks.test(json)
    ? json
    : json.replace(dangerous, (character) => (character === '\n' ? character : escapedUnits(character)));
  return `${escaped.replace(/#(?=#(?:\[|vso\[|teamcity\[))/gi, '\\u0023')}\n`;
}

const printableOrBreaks = /^[\u0020-\u007e\n]*$/;

function escapedUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** A label, a title or the like in an editor. */
export function editorLine(text: string): string {
  return visible(joinLines(text), mostOfLabel);
}

/** A message in an editor, which may have several lines. */
export function editorText(text: string): string {
  return visibleText(text, mostOfMessage);
}

/** Editors lay out a label as a whole, however long it is. */
const mostOfLabel = 500;
const mostOfMessage = 10_000;

function longestRun(text: string, pattern: RegExp): number {
  return (text.match(pattern) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}
