/** From the lines of a journal to the timeline that the render reads. Pure. */
import type { Gap, RecordingTimeline, TimelineTake, TimelineTrack } from '../timeline.schema.ts';
import type { JournalEntry, JournalEntryOf } from './journal.schema.ts';
import type { Withdrawals } from './withdrawals.ts';
import { withdrawalsIn } from './withdrawals.ts';

/** Lengths in samples of files that were measured, by their name in the journal. */
export type FileLengths = Readonly<Record<string, number>>;

const ofType = <Type extends JournalEntry['type']>(entries: readonly JournalEntry[], type: Type) =>
  entries.filter((entry): entry is JournalEntryOf<Type> => entry.type === type);

const gapOf = ({ fromSample, toSample, reason }: Gap): Gap => ({ fromSample, toSample, reason });

const trackOf = (
  opened: JournalEntryOf<'trackOpened'>,
  lengthSamples: number,
  gaps: JournalEntryOf<'gap'>[],
  withdrawals: Withdrawals,
): TimelineTrack => ({
  file: opened.file,
  trackSid: opened.trackSid,
  epoch: opened.epoch,
  identity: opened.identity,
  speaker: opened.speaker,
  seatId: opened.seatId,
  consentId: opened.consentId,
  published: opened.published && !withdrawals.covered.has(opened.consentId),
  offsetSamples: opened.offsetSamples,
  lengthSamples,
  gaps: gaps.filter((gap) => gap.file === opened.file).map(gapOf),
});

const marksOf = (entries: readonly JournalEntry[]): TimelineTake['marks'] =>
  ofType(entries, 'mark').map(({ markId, atSample, label }) => ({ markId, atSample, label }));

/** Each row once: a capture that goes on where another was lost writes down again what is in force. */
const consentsOf = (entries: readonly JournalEntry[]): TimelineTake['consents'] => {
  const lines = ofType(entries, 'consent');
  const first = lines.filter((line, at) => lines.findIndex(({ consentId }) => consentId === line.consentId) === at);
  return first.map(({ speaker, seatId, consentId, published, wording, language, atSample }) => {
    return { speaker, seatId, consentId, published, wording, language, atSample };
  });
};

const takeOf = (
  started: JournalEntryOf<'takeStarted'>,
  entries: readonly JournalEntry[],
  fileLengths: FileLengths,
  withdrawals: Withdrawals,
): TimelineTake => {
  const closed = new Map(ofType(entries, 'trackClosed').map((entry) => [entry.file, entry.lengthSamples]));
  const stopped = ofType(entries, 'takeStopped').at(-1);
  const reached = stopped?.samples ?? Math.max(0, ...ofType(entries, 'progress').map((entry) => entry.samples));
  const gaps = ofType(entries, 'gap');
  const kept = ofType(entries, 'trackOpened').filter((opened) => !withdrawals.erased.has(opened.consentId));
  const tracks = kept.map((opened) => {
    const known = fileLengths[opened.file] ?? closed.get(opened.file);
    return trackOf(opened, known ?? Math.max(0, reached - opened.offsetSamples), gaps, withdrawals);
  });
  const ends = tracks.map((track) => track.offsetSamples + track.lengthSamples);
  return {
    takeId: started.takeId,
    ordinal: started.ordinal,
    startedAtMs: started.anchor.wallMs,
    lengthSamples: stopped?.samples ?? Math.max(reached, ...ends),
    state: stopped ? 'closed' : 'open',
    stopReason: stopped?.reason ?? null,
    tracks,
    gaps: gaps.filter((gap) => gap.file === null).map(gapOf),
    marks: marksOf(entries),
    consents: consentsOf(entries),
  };
};

/**
 * The timeline of a recording. `fileLengths` (from `measureTracks`) overrules what the journal says about a file:
 * after a crash only the files know how much reached the disk.
 */
export const timelineOf = (entries: readonly JournalEntry[], fileLengths: FileLengths = {}): RecordingTimeline => {
  const withdrawals = withdrawalsIn(entries);
  const takes = ofType(entries, 'takeStarted').map((started) => {
    const ofTake = entries.filter((entry) => 'takeId' in entry && entry.takeId === started.takeId);
    return takeOf(started, ofTake, fileLengths, withdrawals);
  });
  return { takes: takes.toSorted((a, b) => a.ordinal - b.ordinal) };
};
