import { refusedOption } from '../permissions/workspaceOptions.ts';
import { targetFileName } from '../targets/targetFile.ts';
import { settingOfTarget, type WrittenTarget } from '../targets/settingOfTarget.ts';
import type { TargetFileResult } from '../protocol.ts';
import { entriesOf } from '../snapshot/activeEvaluations.ts';
import { chosenEvaluations, type Snapshot } from '../snapshot/snapshot.ts';
import { thisMachinesSystem } from '../snapshot/offeredSystems.ts';
import { uriIn } from './places.ts';

/**
 * The target file that shares the chosen targets, and what they are evaluated
 * as, with a team, and the rules that it holds already; `null` where no target was chosen that can be written down,
 * or where no folder is open. Writing it is the editor's part.
 */
export function targetFileText(snapshot: Snapshot): TargetFileResult | null {
  const [root] = snapshot.workspaceRoots;
  if (root === undefined) return null;
  const leftOut = new Set<string>();
  const targets = entriesOf(chosenEvaluations(snapshot)).flatMap(
    ({ target, evaluateAs, expect }): WrittenTarget[] => {
      const setting = settingOfTarget(target, root);
      if (!setting) return [];
      const { option = {}, ...rest } = setting;
      const options = Object.entries(option);
      const shared = options.filter(([name, value]) => refusedOption(name, value) === undefined);
      for (const [name] of options) if (!shared.some(([kept]) => kept === name)) leftOut.add(name);
      return [
        {
          ...rest,
          ...(shared.length > 0 && { option: Object.fromEntries(shared) }),
          ...(evaluateAs && { evaluateAs: [...evaluateAs] }),
          ...(expect !== undefined && { expect }),
        },
      ];
    },
  );
  if (targets.length === 0) return null;
  const isThisMachineAlone = snapshot.evaluateAs.every((system) => system === undefined);
  const evaluateAs = snapshot.evaluateAs.map((system) => system ?? thisMachinesSystem());
  const rules = snapshot.targetFiles.find(({ file }) => file === `${root}/${targetFileName}`)?.rules ?? {};
  const content = {
    targets,
    ...(!isThisMachineAlone && { evaluateAs }),
    ...(Object.keys(rules).length > 0 && { rules }),
  };
  return {
    uri: uriIn(snapshot, `${root}/${targetFileName}`),
    text: `${leftOutComment([...leftOut])}${JSON.stringify(content, undefined, 2)}\n`,
  };
}

/** Not without a word: without them, the target may be another one. */
function leftOutComment(names: readonly string[]): string {
  if (names.length === 0) return '';
  return `// Left out, since a file of the repository may not set them: ${names.map((name) => JSON.stringify(name)).join(', ')}.\n`;
}
