import { expect, it } from 'vitest';
import { settingsOfDemo } from './settings.ts';

it('the demo keeps away from the address, the database and the sound server of the real instance', () => {
  const real = {
    PUBLIC_URL: 'https://loggia.example',
    DATABASE_URL: 'postgres://db.example/loggia',
    LIVEKIT_URL: 'wss://sound.example',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'secret',
  };
  const kept = { DATA_DIR: '/srv/data', FFMPEG_BIN: '/opt/ffmpeg', LIVEKIT_BIN: '/opt/livekit-server' };
  expect(settingsOfDemo({ ...real, ...kept })).toEqual(kept);
});
