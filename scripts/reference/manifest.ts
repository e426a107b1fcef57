import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const targetKey = z.object({
  type: z.string(),
  description: z.string(),
  examples: z.array(z.unknown()).default([]),
});

const setting = z.object({
  default: z.unknown(),
  markdownDescription: z.string(),
  enum: z.array(z.string()).default([]),
  enumDescriptions: z.array(z.string()).default([]),
  items: z.object({ properties: z.record(z.string(), targetKey).optional() }).optional(),
});

const menuItem = z.object({ command: z.string(), when: z.string() });

const keybinding = z.object({
  key: z.string(),
  mac: z.string().optional(),
  command: z.string(),
  when: z.string(),
  args: z.object({ commands: z.array(z.string()) }).optional(),
});

const contributions = z.object({
  configuration: z.object({ properties: z.record(z.string(), setting) }),
  colors: z.array(
    z.object({
      id: z.string(),
      description: z.string(),
      defaults: z.object({ dark: z.string(), light: z.string() }),
    }),
  ),
  commands: z.array(z.object({ command: z.string(), title: z.string() })),
  menus: z.record(z.string(), z.array(menuItem)),
  keybindings: z.array(keybinding),
});

/** What the manifest of the extension declares, as far as the documentation tells it. */
export type Contributions = z.infer<typeof contributions>;
export type Setting = z.infer<typeof setting>;

export function readContributions(repository: string): Contributions {
  const text = readFileSync(join(repository, 'package.json'), 'utf8');
  return z.object({ contributes: contributions }).parse(JSON.parse(text)).contributes;
}
