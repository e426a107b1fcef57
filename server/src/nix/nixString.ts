/** A text as a string literal of the Nix language. */
export function nixString(text: string): string {
  return `"${text
    .replace(/[\\"]|\$(?=\{)/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')}"`;
}
