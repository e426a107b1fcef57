import type { Contributions, Setting } from './manifest.ts';
import { code, plain, table } from './markdown.ts';

/** Every setting, with its default and what it does. */
export function settingTable({ configuration }: Contributions): string {
  const rows = Object.entries(configuration.properties).map(([key, setting]) => [
    code(key),
    code(JSON.stringify(setting.default)),
    [setting.markdownDescription, ...choicesOf(setting)].join(' '),
  ]);
  return table(['Setting', 'Default', ''], rows);
}

/** Every key of a target, in the settings as in the target file. */
export function targetTable({ configuration }: Contributions): string {
  const keys = configuration.properties['nixPlatformLens.targets']?.items?.properties ?? {};
  const rows = Object.entries(keys).map(([key, { type, description, examples }]) => [
    code(key),
    kindOf(type),
    plain(description),
    examples.map((example) => code(JSON.stringify(example))).join(', '),
  ]);
  return table(['Key', 'Value', '', 'Such as'], rows);
}

/** Every theme colour. */
export function colourTable({ colors }: Contributions): string {
  const rows = colors.map(({ id, description, defaults }) => [
    code(id),
    description,
    `${code(defaults.dark)} in dark themes, ${code(defaults.light)} in light ones`,
  ]);
  return table(['Colour', '', 'Default'], rows);
}

/** What each choice of a setting means. */
function choicesOf({ enum: choices, enumDescriptions }: Setting): string[] {
  return choices.flatMap((choice, at) => {
    const text = enumDescriptions[at];
    if (text === undefined) return [];
    return `${code(JSON.stringify(choice))}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
  });
}

function kindOf(type: string): string {
  if (type === 'array') return 'list of strings';
  return type === 'object' ? 'names and strings' : type;
}
