/** A table of Markdown. The formatter sets its columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(rowOf).join('\n');
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** A text that knows no Markdown: what stands in angle brackets would be HTML, and not be shown. */
export function plain(text: string): string {
  return text.replace(/<[^<>]+>/g, code);
}
