import type { Environment } from '../../server/config.ts';

/** Where the real instance is reached, and the database and the sound server it uses. */
const ofTheRealOne = new Set([
  ...['HOST', 'PUBLIC_URL', 'TRUST_PROXY', 'RUNTIME_DIR'],
  ...['DATABASE_URL', 'LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'],
]);

/** The settings without those that tie them to the real instance. */
export const settingsOfDemo = (settings: Environment): Environment =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !ofTheRealOne.has(name)));
