/**
 * A Master is a finished mix: of all takes so far, of the ranges of a cut, or a clip of a running take. It is queued and
 * rendered by a job. A newer whole one supersedes the one before it; cuts and clips stand beside each other.
 */
import type { z } from 'zod';
import type { ProblemBody } from '../platform/problem.schema.ts';
import type { MASTER_KINDS, RENDER_STEPS, renditionSchema } from './recording.schema.ts';
import type { Preset } from './render/preset.ts';

export type RenderStep = (typeof RENDER_STEPS)[number];
export type MasterState = 'queued' | 'rendering' | 'ready' | 'failed' | 'cancelled' | 'superseded' | 'withdrawn';
export type { Preset };
export type MasterKind = (typeof MASTER_KINDS)[number];

/**
 * Legal moves of a master; printed in ARCHITECTURE.md. `rendering → rendering` is a job that was run again after a
 * crash; a failed or cancelled one is queued again when its host tries it again; a withdrawn one held a voice that was
 * taken back, and has no files any more.
 */
export const MASTER_TABLE: Record<MasterState, readonly MasterState[]> = {
  queued: ['rendering', 'cancelled', 'superseded'],
  rendering: ['rendering', 'ready', 'failed', 'cancelled', 'superseded', 'withdrawn'],
  ready: ['superseded', 'withdrawn'],
  failed: ['queued', 'superseded'],
  cancelled: ['queued', 'superseded'],
  superseded: ['withdrawn'],
  withdrawn: [],
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
  kind: MasterKind;
  title: string | null;
  preset: Preset;
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
