import * as vscode from 'vscode';
import type { TargetItem, TargetsPart } from '../../server/src/protocol.ts';
import { label, message } from './shownInVsCode.ts';
import type { PickerSearch } from './pickerSearch.ts';

/** What the person chose; undefined where they chose nothing. */
export type PickedTarget =
  | { readonly kind: 'targets'; readonly keys: readonly string[] }
  | { readonly kind: 'group'; readonly group: TargetItem }
  /** Several are to be chosen instead of one. */
  | { readonly kind: 'several' };

interface TargetPick extends vscode.QuickPickItem {
  /** By it an entry is the same as before, while others are added. */
  readonly id: string;
  readonly choice?: PickedTarget;
  readonly active?: boolean;
  /** Why a file offers no targets. */
  readonly problem?: string;
}

const title = 'Select the targets';
const placeHolder = 'Attributes whose closures are judged';
/** Milliseconds after which it is told which files are still being looked into. */
const patience = 2000;

/**
 * Lets the person choose among what a search has found, from its beginning on.
 * What is found later is added below; what was typed, the entry in focus and
 * the check marks stay.
 */
export function pickTargets(search: PickerSearch, several: boolean): Promise<PickedTarget | undefined> {
  return new Promise((resolve) => {
    const picker = vscode.window.createQuickPick<TargetPick>();
    picker.title = title;
    picker.placeholder = placeHolder;
    picker.matchOnDescription = true;
    picker.canSelectMany = several;
    picker.keepScrollPosition = true;
    const shown = new Map<string, TargetPick>();
    let isSlow = false;
    let isOpen = true;
    let isToUpdate = false;

    const update = (): void => {
      const focused = picker.activeItems.map(({ id }) => id);
      const checked = new Set(picker.selectedItems.map(({ id }) => id));
      const items = inOrder(itemsOf(search, several, isSlow), shown);
      picker.busy = !search.isDone;
      // What is set here replaces what the person does in the window meanwhile: where nothing is new, nothing is set.
      if (items.length === shown.size && items.every((item) => isSameEntry(item, shown.get(item.id)))) return;
      const added = items.filter(({ id }) => !shown.has(id));
      shown.clear();
      for (const item of items) shown.set(item.id, item);
      picker.items = items;
      const isFocused = items.filter(({ id }) => focused.includes(id));
      if (isFocused.length > 0) picker.activeItems = isFocused;
      if (!several) return;
      for (const { id, active } of added) if (active) checked.add(id);
      picker.selectedItems = items.filter(({ id }) => checked.has(id));
    };

    const updateSoon = async (): Promise<void> => {
      if (isToUpdate) return;
      isToUpdate = true;
      await windowIsHeard();
      isToUpdate = false;
      if (isOpen) update();
    };
    const timer = setTimeout(() => {
      isSlow = true;
      if (!search.isDone) void updateSoon();
    }, patience);
    const changes = search.onDidChange(() => void updateSoon());
    const end = (choice: PickedTarget | undefined): void => {
      resolve(choice);
      picker.hide();
    };
    picker.onDidAccept(() => {
      if (several) {
        const picked = picker.selectedItems.map(({ choice }) => choice);
        const keys = picked.flatMap((choice) => (choice?.kind === 'targets' ? choice.keys : []));
        end({ kind: 'targets', keys });
        return;
      }
      const [picked] = picker.selectedItems;
      if (picked?.choice) end(picked.choice);
      else if (picked?.problem !== undefined) void vscode.window.showWarningMessage(message(picked.problem));
    });
    picker.onDidHide(() => {
      isOpen = false;
      clearTimeout(timer);
      changes.dispose();
      resolve(undefined);
      picker.dispose();
    });
    // Nothing to choose from: whoever asked says why.
    search.answer.then(
      ({ targets }) => {
        if (targets.length === 0) picker.hide();
      },
      () => picker.hide(),
    );
    update();
    picker.show();
  });
}

/**
 * Settles when all is known here that the person did in the window until now:
 * what the window says arrives in its order, this answer too. Without it, on a
 * busy machine, an entry that was left meanwhile would get the focus back.
 */
async function windowIsHeard(): Promise<void> {
  await vscode.commands.executeCommand('setContext', 'nixPlatformLens.isPickingTargets', true);
}

function isSameEntry(one: TargetPick, other: TargetPick | undefined): boolean {
  return one.label === other?.label && one.description === other.description && one.active === other.active;
}

/** Those that are there already keep their places, below them come the new ones; what is no target comes last. */
function inOrder(items: readonly TargetPick[], before: ReadonlyMap<string, TargetPick>): TargetPick[] {
  const places = [...before.keys()];
  const placeOf = ({ id }: TargetPick): number => {
    const place = places.indexOf(id);
    return place === -1 ? places.length : place;
  };
  const rank = ({ choice }: TargetPick): number => (choice?.kind === 'several' ? 0 : choice ? 1 : 2);
  return [...items].sort((one, other) => rank(one) - rank(other) || placeOf(one) - placeOf(other));
}

function itemsOf({ found, isDone }: PickerSearch, several: boolean, isSlow: boolean): TargetPick[] {
  const { targets, parts = [] } = found;
  const listed = targets
    .filter(({ group = false }) => !(several && group))
    .map((target) => itemOf(target, several));
  const rows = parts.flatMap((part) => rowOf(part, isDone, isSlow));
  return [...(targets.length > 1 && !several ? [choosesSeveral] : []), ...listed, ...rows];
}

const choosesSeveral: TargetPick = {
  id: 'several',
  choice: { kind: 'several' },
  label: 'Choose several…',
  iconPath: new vscode.ThemeIcon('checklist'),
  alwaysShow: true,
};

function itemOf(target: TargetItem, several: boolean): TargetPick {
  const { key, label: name, description, active, group = false } = target;
  const icon = group ? 'search' : active ? 'check' : 'blank';
  return {
    id: key,
    choice: group ? { kind: 'group', group: target } : { kind: 'targets', keys: [key] },
    label: label(name),
    description: label(description),
    active,
    ...(!several && { iconPath: new vscode.ThemeIcon(icon) }),
  };
}

/** A file that offers no targets, or none yet. */
function rowOf({ label: name, problem }: TargetsPart, isDone: boolean, isSlow: boolean): TargetPick[] {
  const id = `part ${name}`;
  if (problem !== undefined)
    return [
      {
        id,
        problem,
        label: label(name),
        description: label(problem.replace(`${name}: `, '').split('\n', 1)[0] ?? ''),
        iconPath: new vscode.ThemeIcon('warning'),
      },
    ];
  if (isDone || !isSlow) return [];
  return [
    {
      id,
      label: label(name),
      description: 'is still being evaluated; Escape ends that',
      iconPath: new vscode.ThemeIcon('loading~spin'),
    },
  ];
}
