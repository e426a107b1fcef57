/**
 * Texts of the server name what a repository holds. The server has made visible
 * what nobody can see; what is left is VS Code's own language in them.
 */

/** A label in which VS Code looks for icons, such as `$(error)`: status bar, lenses, entries of a picker. */
export function label(text: string): string {
  return text.replace(/\\?\$\(/g, '\\$(');
}

/** A message in which VS Code looks for links, such as `[text](command:…)`: notifications, progress. */
export function message(text: string): string {
  return text.replace(/\](?=\()/g, '] ');
}
