/** A Master is the finished mix of chosen takes: queued, rendered by a job, then ready until a newer one supersedes it. */
import type { ProblemBody } from '../platform/problem.schema.ts';
import type { RENDER_STEPS, renditionSchema } from './recording.schema.ts';
import type { z } from 'zod';

export type RenderStep = (typeof RENDER_STEPS)[number];
export type MasterState = 'queued' | 'rendering' | 'ready' | 'failed' | 'superseded';

/**
 * Legal moves of a master; printed in ARCHITECTURE.md. `rendering → rendering` is a job that was run again after a
 * crash. A failed master is not queued again: another one is, and supersedes it.
 */
export const MASTER_TABLE: Record<MasterState, readonly MasterState[]> = {
  queued: ['rendering', 'superseded'],
  rendering: ['rendering', 'ready', 'failed', 'superseded'],
  ready: ['superseded'],
  failed: ['superseded'],
  superseded: [],
};

/** The states from which `next` may be entered: the condition of the compare-and-set. */
export const statesBefore = (next: MasterState): MasterState[] =>
  (Object.keys(MASTER_TABLE) as MasterState[]).filter((state) => MASTER_TABLE[state].includes(next));

/** One chosen range of one take, in milliseconds from the take's anchor. */
export type CutRange = { takeId: string; fromMs: number; toMs: number };

export type Rendition = {
  id: string;
  kind: z.infer<typeof renditionSchema>['kind'];
  mediaType: string;
  file: string;
  bytes: number;
  durationMs: number;
  sha256: string;
};

export type Master = {
  id: string;
  recordingId: string;
  state: MasterState;
  step: RenderStep | null;
  percent: number;
  cut: CutRange[];
  durationMs: number | null;
  loudnessLufs: number | null;
  truePeakDbtp: number | null;
  peaksFile: string | null;
  problem: ProblemBody | null;
  queuedAt: Date;
  readyAt: Date | null;
  renditions: Rendition[];
};
