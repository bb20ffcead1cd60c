import { describe, expect, it } from 'vitest';
import { inputFile, runFfmpeg } from './ffmpeg.ts';
import { endOrphan, noteProcess } from './ffmpeg-orphans.ts';

describe('inputFile', () => {
  it('opens a file and nothing else, by the demuxer named', () => {
    expect(inputFile('flac', '/rec/raw/a b.flac').join(' ')).toBe(
      '-protocol_whitelist file,pipe -format_whitelist flac -f flac -i file:/rec/raw/a b.flac',
    );
  });
});

describe('runFfmpeg', () => {
  it('does not start anything for a signal that is aborted already', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(runFfmpeg([], { bin: '/no/such/ffmpeg', signal })).rejects.toThrow('too late');
  });
});

describe('endOrphan', () => {
  it('never ends a process that was given the number of one of ours', () => {
    const self = noteProcess(process.pid);
    expect(endOrphan({ ...self, startedAt: '1' })).toBe(false);
    expect(endOrphan({ ...self, startedAt: null })).toBe(false);
  });
});
