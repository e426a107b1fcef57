import { commandNotes } from './commandNotes.ts';
import type { Contributions } from './manifest.ts';
import { code, table } from './markdown.ts';

/** Where a command can be found besides the palette, by the menu of VS Code. */
const places = {
  'view/title': 'title of the closure tree',
  'view/item/context': 'row of the closure tree',
  'editor/context': 'context menu of a Nix file',
};

/** Every command of the palette. */
export function commandTable({ commands, menus }: Contributions): string {
  const hidden = (menus['commandPalette'] ?? []).filter(({ when }) => when === 'false');
  const shown = commands.filter(({ command }) => !hidden.some((item) => item.command === command));
  for (const id of Object.keys(commandNotes))
    if (!shown.some(({ command }) => command === id)) throw new Error(`commandNotes.ts: there is no ${id}`);
  const rows = shown.map(({ command, title }) => {
    const note = commandNotes[command];
    if (note === undefined) throw new Error(`commandNotes.ts says nothing of ${command}`);
    return [title, note, placesOf(command, menus), code(command)];
  });
  return table(['Command', '', 'Also in', 'Identifier'], rows);
}

/** Every key. */
export function keyTable({ keybindings, commands }: Contributions): string {
  const rows = keybindings.map(({ key, mac, command, when, args }) => {
    const ids = args?.commands ?? [command];
    const titles = commands.filter((one) => ids.includes(one.command)).map(({ title }) => title);
    return [
      mac === undefined ? keys(key) : `${keys(key)}, on a Mac ${keys(mac)}`,
      titles.join(', '),
      code(when),
    ];
  });
  return table(['Key', 'Command', 'Where'], rows);
}

function placesOf(command: string, menus: Contributions['menus']): string {
  return Object.entries(places)
    .filter(([menu]) => (menus[menu] ?? []).some((item) => item.command === command))
    .map(([, place]) => place)
    .join(', ');
}

/** @param combination such as `ctrl+c` */
function keys(combination: string): string {
  return combination
    .split('+')
    .map((key) => `<kbd>${key.charAt(0).toUpperCase()}${key.slice(1)}</kbd>`)
    .join('+');
}
