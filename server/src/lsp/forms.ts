import * as z from 'zod';

/*
 * What parameters of LSP's own messages have to be like for the server to read
 * them (Language Server Protocol 3.17); what else they have is nobody's concern here.
 */

const count = z.number().int().min(0);
const position = z.object({ line: count, character: count });
const range = z.object({ start: position, end: position });
const textDocument = z.object({ uri: z.string() });

export const aboutDocument = z.object({ textDocument });
export const aboutPosition = z.object({ textDocument, position });
export const aboutRange = z.object({ textDocument, range });
export const aboutProblems = z.object({
  textDocument,
  range,
  context: z.object({
    diagnostics: z.array(z.object({ range })),
    only: z.array(z.string()).optional(),
    triggerKind: z.number().optional(),
  }),
});
export const completionItem = z.object({ label: z.string() });
export const commandCall = z.object({ command: z.string(), arguments: z.array(z.unknown()).nullish() });

export const openedDocument = z.object({
  textDocument: z.object({ uri: z.string(), version: z.number(), text: z.string() }),
});
export const changedDocument = z.object({
  textDocument: z.object({ uri: z.string(), version: z.number() }),
  contentChanges: z.array(z.object({ text: z.string(), range: range.optional() })),
});
export const changedFiles = z.object({
  changes: z.array(z.object({ uri: z.string(), type: z.union([z.literal(1), z.literal(2), z.literal(3)]) })),
});
