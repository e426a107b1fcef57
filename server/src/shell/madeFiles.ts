import type { ScriptUse } from '../model/judgement.ts';
import { ShownLines, type Script } from './buildUses.ts';
import { invocationsOf, programName } from './invocations.ts';
import type { ShellParser } from './shellParser.ts';
import { walkScript } from './walkScript.ts';

/** Finds where scripts have make or ninja make a file with such a name: `make src/x.pb.h`. */
export function findMadeFiles(scripts: readonly Script[], names: RegExp, parser: ShellParser): ScriptUse[] {
  const uses: ScriptUse[] = [];
  for (const { variable, text } of scripts) {
    if (!/\b(?:make|ninja)\b/.test(text)) continue;
    const lines = new ShownLines(text);
    walkScript(text, parser, new Map(), {
      command({ words, mayFail }) {
        if (mayFail) return;
        for (const found of invocationsOf(words)) {
          if (found.kind !== 'program' || !/^(?:g?make|ninja)$/.test(programName(found.program))) continue;
          if (!found.arguments.some(({ values }) => values.some((value) => names.test(value)))) continue;
          const { line } = found.program;
          uses.push({ variable, line, text: lines.at(line) });
        }
      },
      assignment: () => undefined,
    });
  }
  return uses;
}
