import { z } from 'zod';
import type { Action } from './actions.schema.ts';
import { allows } from './actions.schema.ts';

/** What an API token may be limited to. */
export const SCOPES = ['rooms', 'stage', 'recordings', 'episodes'] as const;
export type Scope = (typeof SCOPES)[number];
export const scopesSchema = z.array(z.enum(SCOPES));

const SCOPE_OF: Partial<Record<Action, Scope>> = {
  readHost: 'rooms',
  createRoom: 'rooms',
  updateRoom: 'rooms',
  startLiveSession: 'rooms',
  endLiveSession: 'rooms',
  manageSpeakLinks: 'rooms',
  issueHostTicket: 'stage',
  inviteToStage: 'stage',
  dismissHand: 'stage',
  muteSeat: 'stage',
  removeSeat: 'stage',
  startRecording: 'recordings',
  pauseRecording: 'recordings',
  resumeRecording: 'recordings',
  stopRecording: 'recordings',
  markRecording: 'recordings',
  nameRecording: 'recordings',
  readRecording: 'recordings',
  publishEpisode: 'episodes',
};

/** Whether a token with these scopes may do `action`. What everybody may do needs no scope; the unlisted has none. */
export const scopeAllows = (scopes: readonly Scope[], action: Action): boolean => {
  const needed = SCOPE_OF[action];
  return needed ? scopes.includes(needed) : allows('public', action);
};
