/** How a setup hook takes a source apart: by endings of the source's name, with programs that it starts. */
export interface UnpackHook {
  /** With their dots, e.g. `.zip`. */
  readonly endings: readonly string[];
}

/**
 * Reads which sources a setup hook unpacks: it adds a function to `unpackCmdHooks`,
 * which looks at the ending of the source's name (nixpkgs source, `setup.sh`, `unpackFile`, and
 * the `setup-hook.sh` of `unzip` and others: `[[ "$curSrc" =~ \.zip$ ]]`, `[[ "$1" = *.tar.lz ]]`).
 *
 * @returns undefined where it unpacks nothing
 */
export function readUnpackHook(text: string): UnpackHook | undefined {
  if (!/\bunpackCmdHooks\+=/.test(text)) return undefined;
  const conditions = [...text.matchAll(/\[\[\s*"?\$\{?(?:curSrc|1)\}?"?\s*(?:=~|==?)\s*(\S+)/g)];
  const endings = conditions.flatMap(([, pattern = '']) => endingsOf(pattern));
  return endings.length > 0 ? { endings } : undefined;
}

/** `\.zip$`, `*.tar.lz`, `\.(7z|zip)$`. */
function endingsOf(pattern: string): string[] {
  const plain = pattern
    .replace(/^\*/, '')
    .replace(/\$$/, '')
    .replaceAll('\\.', '.')
    .replace(/^["']|["']$/g, '');
  const [, head, choices, tail] = /^(\.[\w.]*)\(([\w|]+)\)([\w.]*)$/.exec(plain) ?? [];
  if (head !== undefined && choices !== undefined)
    return choices.split('|').map((choice) => head + choice + (tail ?? ''));
  return /^(?:\.\w+)+$/.test(plain) ? [plain] : [];
}
