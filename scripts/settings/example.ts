/* `.env.example` is written from the schema of the settings, so that it cannot lie: node scripts/settings/example.ts */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '../../server/config.ts';

const head = `# Settings of this instance. Copy this file to .env and change what you need: every line is optional.
# Written from server/config.ts; values after = are what is used when nothing is set.
`;

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The text of `.env.example`. */
export const environmentExample = (): string => {
  const entries = Object.entries(settings.shape).flatMap(([name, schema]) => {
    const { description, internal, made, shown } = schema.meta() ?? {};
    if (internal) return [];
    const fallback = schema.safeParse(undefined).data ?? '';
    const about = [description, made && `When empty: ${text(made)}.`].filter(Boolean).join(' ');
    return `# ${about}\n# ${name}=${text(shown ?? fallback)}\n`;
  });
  return `${head}\n${entries.join('\n')}`;
};

if (import.meta.main) writeFileSync(join(import.meta.dirname, '../../.env.example'), environmentExample());
