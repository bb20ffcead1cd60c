import type { MasterView, RecordingView } from '../../server/recording/recording.schema.ts';

/** The steps of a render in their order; RENDER_STEPS in server/recording/recording.schema.ts without the last. */
export const STEPS = ['probe', 'align', 'mix', 'master', 'encode', 'peaks', 'verify'] as const;
export type Step = (typeof STEPS)[number];

/** Which of the steps is under way; null before the first and after the last. */
export const stepOf = (master: Pick<MasterView, 'state' | 'step'>): number | null => {
  const index = master.state === 'rendering' ? STEPS.findIndex((step) => step === master.step) : -1;
  return index < 0 ? null : index;
};

const isMoving = ({ state }: Pick<MasterView, 'state'>): boolean => state === 'queued' || state === 'rendering';

/** Whether nothing about the recording moves by itself any more. */
export const isSettled = (
  recording: Pick<RecordingView, 'state' | 'takes' | 'master' | 'masters' | 'replay'>,
): boolean => {
  if (recording.state === 'open' || recording.replay.state === 'building') return false;
  if (recording.takes.some((take) => take.state !== 'closed' && take.state !== 'lost')) return false;
  if (recording.masters.some(isMoving)) return false;
  if (recording.takes.length === 0) return true;
  return recording.master !== null && !isMoving(recording.master);
};
