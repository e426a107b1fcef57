import type { Command, Option } from 'commander';
import { defaultOf } from '../../server/src/cli/optionHelp.ts';
import { code, plain, table } from './markdown.ts';

type Row = readonly [flag: string, description: string, byDefault: string];

/** The flags of each command by its name, and under `shared` those of every command that evaluates. */
export function flagTables({ commands }: Command): Record<string, string> {
  const rows = new Map(commands.map((command) => [command, command.options.map(rowOf)]));
  const evaluating = commands.filter((command) => command.options.some(({ long }) => long === '--as'));
  const [first, ...others] = evaluating.map((command) => rows.get(command) ?? []);
  const shared = (first ?? []).filter((row) =>
    others.every((other) => other.some((one) => isSame(one, row))),
  );
  const tables = commands.map((command): [string, string] => {
    const isOwn = (row: Row): boolean =>
      !evaluating.includes(command) || !shared.some((one) => isSame(one, row));
    const usage = `\`\`\`\nnix-platform-lens ${command.name()} ${command.usage()}\n\`\`\``;
    return [command.name(), `${usage}\n\n${tableOf((rows.get(command) ?? []).filter(isOwn))}`];
  });
  return { ...Object.fromEntries(tables), shared: tableOf(shared) };
}

function isSame(one: Row, other: Row): boolean {
  return one.every((cell, at) => cell === other[at]);
}

function tableOf(rows: readonly Row[]): string {
  return table(['Flag', '', 'Left out'], rows);
}

function rowOf(option: Option): Row {
  const choices = option.argChoices?.map(code).join(', ');
  const description = plain(option.description);
  const byDefault = defaultOf(option);
  return [
    code(option.flags),
    choices === undefined ? description : `${description}: ${choices}`,
    byDefault === undefined ? '' : code(byDefault),
  ];
}
