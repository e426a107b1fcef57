import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ArtifactLocation, Fix as SarifFix, Location, Region } from 'sarif';
import { groupBy } from '../model/groupBy.ts';
import { isPlace, type JsonFix, type JsonRange } from './json.ts';
import { proofWords } from './proofWords.ts';
import { rangeJson } from './toJson.ts';
import type { ToldFinding } from './toldFindings.ts';
import { sarifMessage, visibleText, wellFormed } from './shown.ts';
import { endSentence, oneLine } from './sentences.ts';

/** The name of the folder to which files are relative. */
export const sourceRootId = '%SRCROOT%';

/** Related locations of one result; code scanning shows no long lists. */
const mostRelated = 20;

/** A stretch of a file with its text. */
export function locationOf(range: JsonRange, root: string, text: string): Location {
  return {
    physicalLocation: {
      artifactLocation: artifactOf(range.file, root),
      region: { ...regionOf(range), snippet: { text: visibleText(text) } },
    },
  };
}

/** A place of which no text is known. */
export function placeOnly({ file, line }: JsonRange, root: string): Location {
  return { physicalLocation: { artifactLocation: artifactOf(file, root), region: { startLine: line } } };
}

/** Files outside of the source root are named absolutely. */
function artifactOf(file: string, root: string): ArtifactLocation {
  if (isAbsolute(file) || file === '..' || file.startsWith('../'))
    return { uri: pathToFileURL(resolve(root, wellFormed(file))).href };
  return { uri: wellFormed(file).split('/').map(encodeURIComponent).join('/'), uriBaseId: sourceRootId };
}

/** Columns count from one, and the end is the first one behind (SARIF, "region object"): as in the document. */
function regionOf({ line, column, endLine, endColumn }: JsonRange): Region {
  return { startLine: line, startColumn: column, endLine, endColumn };
}

/** From the origin over the steps to the cause, then where else it comes in, then who uses it. */
export function relatedLocations(told: ToldFinding, root: string): Location[] {
  const { cause, origins } = told.finding;
  const steps = cause?.steps ?? [];
  const remarks = [
    ...steps.map((step) => ({ range: step, text: step.text, message: step.message })),
    ...(cause && isPlace(cause) && !steps.some((step) => isSame(step, cause))
      ? [{ range: cause, text: cause.text ?? '', message: cause.message }]
      : []),
    ...origins.slice(1).map((origin) => ({
      range: origin,
      text: origin.text,
      message: `\`${oneLine(origin.text)}\` brings it in as well`,
    })),
    ...consumersOf(told, root),
  ];
  return remarks.slice(0, mostRelated).map(({ range, text, message }, id) => ({
    ...locationOf(range, root, text),
    id,
    message: { text: sarifMessage(endSentence(message)) },
  }));
}

function consumersOf(
  { finding, report }: ToldFinding,
  root: string,
): { range: JsonRange; text: string; message: string }[] {
  const { graph, observations, leaks } = report;
  return finding.leaks.flatMap((index) =>
    (leaks[index]?.edges ?? []).flatMap(({ consumer, input, roles }) => {
      const seen = observations.find(({ derivations }) => derivations.includes(consumer));
      if (!seen) return [];
      const [user, used] = [consumer, input].map((id) => graph.derivation(id).name);
      return [
        {
          range: rangeJson(seen.source, root),
          text: seen.text,
          message: `${user ?? ''} uses ${used ?? ''} (${roles.join(', ')})`,
        },
      ];
    }),
  );
}

/** Repairs that were proven, each with its edits by file. */
export function sarifFixes(fixes: readonly JsonFix[], root: string): SarifFix[] {
  return fixes
    .filter(({ proven }) => proven)
    .map(({ title, edits, ...proof }) => ({
      description: { text: sarifMessage(`${title} (${proofWords(proof)})`) },
      artifactChanges: [...groupBy(edits, ({ file }) => file)].map(([file, ofFile]) => ({
        artifactLocation: artifactOf(file, root),
        replacements: ofFile.map((edit) => ({
          deletedRegion: regionOf(edit),
          insertedContent: { text: edit.newText },
        })),
      })),
    }));
}

function isSame(one: Partial<JsonRange>, other: Partial<JsonRange>): boolean {
  return one.file === other.file && one.line === other.line && one.column === other.column;
}
