import type { MasterView, RecordingView } from '../../server/recording/recording.schema.ts';

/** The steps of a render in their order; RENDER_STEPS in server/recording/recording.schema.ts without the last. */
export const STEPS = ['probe', 'align', 'mix', 'master', 'encode', 'peaks', 'verify'] as const;
export type Step = (typeof STEPS)[number];
export type StepState = 'done' | 'now' | 'todo';

/** How far each step of the fine version is. */
export const stepStates = (master: Pick<MasterView, 'state' | 'step'>): { step: Step; state: StepState }[] => {
  const ready = master.state === 'ready' || master.step === 'ready';
  const current = STEPS.findIndex((step) => step === master.step);
  return STEPS.map((step, index) => ({
    step,
    state: ready || index < current ? 'done' : index === current ? 'now' : 'todo',
  }));
};

/** Whether nothing about the recording moves by itself any more. */
export const isSettled = (recording: Pick<RecordingView, 'state' | 'takes' | 'master'>): boolean => {
  if (recording.state === 'open') return false;
  if (recording.takes.some((take) => take.state !== 'closed' && take.state !== 'lost')) return false;
  if (recording.takes.length === 0) return true;
  return recording.master !== null && (recording.master.state === 'ready' || recording.master.state === 'failed');
};
