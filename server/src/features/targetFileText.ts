import { targetFileName } from '../evaluation/targetFile.ts';
import { settingOfTarget, type WrittenTarget } from '../evaluation/settingOfTarget.ts';
import type { TargetFileResult } from '../protocol.ts';
import { entriesOf } from '../session/activeEvaluations.ts';
import { chosenEvaluations, type Snapshot } from '../session/snapshot.ts';
import { thisMachinesSystem } from '../session/systems.ts';
import { uriIn } from './places.ts';

/**
 * The target file that shares the chosen targets, and what they are evaluated
 * as, with a team, and the rules that it holds already; `null` where no target was chosen that can be written down,
 * or where no folder is open. Writing it is the editor's part.
 */
export function targetFileText(snapshot: Snapshot): TargetFileResult | null {
  const [root] = snapshot.workspaceRoots;
  if (root === undefined) return null;
  const targets = entriesOf(chosenEvaluations(snapshot)).flatMap(
    ({ target, evaluateAs, expect }): WrittenTarget[] => {
      const setting = settingOfTarget(target, root);
      if (!setting) return [];
      return [
        {
          ...setting,
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
    text: `${JSON.stringify(content, undefined, 2)}\n`,
  };
}
