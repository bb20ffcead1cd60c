import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inputFile, runFfmpeg } from '../../server/recording/ffmpeg.ts';
import { endOrphan, type ProcessNote } from '../../server/recording/ffmpeg-orphans.ts';
import { probeFfmpeg } from '../../server/recording/ffmpeg-probe.ts';
import { services } from '../support/services.ts';
import { until } from '../support/wait.ts';

const { ffmpegBin: bin } = services();
/** A command that never ends by itself. */
const endless = ['-re', '-f', 'lavfi', '-i', 'anoisesrc=r=48000', '-f', 'null', '-'];

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('the ffmpeg in use can do all that a render asks', async () => {
  const { missing, version } = await probeFfmpeg(bin);
  expect(missing).toEqual([]);
  expect(version).toMatch(/\d/);
});

describe('a call of ffmpeg', () => {
  it('that takes too long is ended, with the reason', async () => {
    let pid = 0;
    const call = runFfmpeg(endless, { bin, timeLimitMs: 500, onSpawn: (note) => (pid = note.pid) });
    await expect(call).rejects.toMatchObject({ code: 'ffmpeg-failed', detail: expect.stringContaining('longer than') });
    expect(isAlive(pid)).toBe(false);
  });

  it('that writes too much is ended, with the reason', async () => {
    const output = join(await mkdtemp(join(tmpdir(), 'loggia-ffmpeg-')), 'much.wav');
    const source = ['-f', 'lavfi', '-i', 'anoisesrc=r=48000:d=100000', '-f', 'wav', output];
    const call = runFfmpeg(source, { bin, sizeLimitBytes: 1_000_000 });
    await expect(call).rejects.toMatchObject({ code: 'ffmpeg-failed', detail: expect.stringContaining('too large') });
    expect((await stat(output)).size).toBeGreaterThan(1_000_000);
  });

  it('that fails keeps the last words of ffmpeg as the cause', async () => {
    const call = runFfmpeg(['-f', 'lavfi', '-i', 'no_such_source', '-f', 'null', '-'], { bin });
    await expect(call).rejects.toMatchObject({
      code: 'ffmpeg-failed',
      cause: { message: expect.stringContaining('no_such_source') },
    });
  });

  it('cannot be made to read another file by a playlist that pretends to be sound', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'loggia-ffmpeg-'));
    const file = join(folder, 'track.flac');
    await writeFile(file, `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n`);
    const call = runFfmpeg([...inputFile('flac', file), '-f', 'null', '-'], { bin });
    await expect(call).rejects.toMatchObject({ code: 'ffmpeg-failed' });
  });

  it('that has lost its parent is known by its start time and ended', async () => {
    let note: ProcessNote = { pid: 0, startedAt: null };
    const call = runFfmpeg(endless, { bin, onSpawn: (child) => (note = child) });
    const ended = expect(call).rejects.toMatchObject({ code: 'ffmpeg-failed' });
    expect(endOrphan({ ...note, startedAt: '1' })).toBe(false);
    expect(endOrphan(note)).toBe(true);
    await ended;
    await until(() => !isAlive(note.pid));
    expect(endOrphan(note)).toBe(false);
  });
});
