import type { SystemDependence } from '../attribution/findSystemDependence.ts';
import type { JsonRange } from './json.ts';
import { rangeJson } from './toJson.ts';
import type { Paint } from './paint.ts';
import { joinLines, terminalText } from './shown.ts';
import { oneLine } from './sentences.ts';

/** A target that depends on the machine that evaluates it, as the command prints it. */
export interface JsonSystemDependence {
  readonly label: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly systems: readonly string[];
  /** The root's .drv path for each of them. */
  readonly roots: readonly string[];
  readonly places: readonly (JsonRange & {
    readonly text: string;
    readonly message: string;
    readonly derivations: readonly string[];
  })[];
}

export function dependenceJson(
  label: string,
  { severity, systems, roots, places }: SystemDependence,
  directory: string,
): JsonSystemDependence {
  return {
    label,
    severity,
    // The one that it was compared with comes first.
    systems: [...systems].reverse(),
    roots: [...roots].reverse(),
    places: places.map(({ source, text, message, derivations }) => ({
      ...rangeJson(source, directory),
      text,
      message,
      derivations,
    })),
  };
}

/** One block for people; ends with a line break. */
export function dependenceText(dependence: JsonSystemDependence, paint: Paint): string {
  const { label, severity, systems, places } = dependence;
  const sign = severity === 'info' ? paint.dim('note') : paint.yellow('warning');
  const subject = label === '' ? 'the target' : label;
  const lines = [
    `${sign}: ${subject} depends on builtins.currentSystem: its roots as ${systems.join(' and ')} differ`,
    ...places.flatMap(({ file, line, column, text, message }) => [
      `  ${paint.bold(`${file}:${line}:${column}`)}  ${oneLine(text, 80)}`,
      `    ${joinLines(message)}`,
    ]),
  ];
  if (places.length === 0) lines.push('  no expression of the workspace could be named');
  return terminalText(lines);
}
