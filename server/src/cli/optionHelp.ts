import type { Option } from 'commander';

/** The default of an option in the words of its value, or undefined if leaving it out says nothing. */
export function defaultOf({ defaultValue, negate }: Option): string | undefined {
  if (negate || (typeof defaultValue !== 'string' && typeof defaultValue !== 'number')) return undefined;
  return String(defaultValue);
}

/** What `--help` says of an option. Empty lists and `false` are no news to the person who reads it. */
export function optionDescription(option: Option): string {
  const choices = option.argChoices?.join(', ');
  const byDefault = defaultOf(option);
  const more = [
    ...(choices === undefined ? [] : [`one of ${choices}`]),
    ...(byDefault === undefined ? [] : [`default: ${byDefault}`]),
  ];
  return more.length === 0 ? option.description : `${option.description} (${more.join('; ')})`;
}
