import type { ProblemBody } from '../../server/platform/problem.schema.ts';
import { m } from '../paraglide/messages.js';

/** What happened and what to do, for every code of the server's catalogue. */
const WORDS: Record<string, readonly [what: () => string, next: () => string]> = {
  unreachable: [m.problem_unreachable, m.next_check_connection],
  unexpected: [m.problem_unexpected, m.next_reload],
  'invalid-request': [m.problem_invalid_request, m.next_mend_fields],
  'not-found': [m.problem_not_found, m.next_check_address],
  'not-allowed': [m.problem_not_allowed, m.next_ask_host],
  'too-many-requests': [m.problem_too_many_requests, m.next_wait],
  'too-large': [m.problem_too_large, m.next_send_less],
  overloaded: [m.problem_overloaded, m.next_wait],
  internal: [m.problem_internal, m.next_tell_operator],
  'sign-in-required': [m.problem_sign_in_required, m.next_sign_in],
  'sign-in-failed': [m.problem_sign_in_failed, m.next_reset_password],
  'setup-link-spent': [m.problem_setup_link_spent, m.next_new_setup_link],
  'name-taken': [m.problem_name_taken, m.next_choose_another],
  'slug-taken': [m.problem_slug_taken, m.next_choose_another],
  'room-not-live': [m.problem_room_not_live, m.next_wait_for_host],
  'room-already-live': [m.problem_room_already_live, m.next_enter],
  'name-required': [m.problem_name_required, m.next_type_name],
  'link-spent': [m.problem_link_spent, m.next_new_link],
  'ticket-refused': [m.problem_ticket_refused, m.next_later],
  'visit-over': [m.problem_visit_over, m.next_open_again],
  'hand-already-up': [m.problem_hand_already_up, m.next_wait_invite],
  'hand-gone': [m.problem_hand_gone, m.next_nothing],
  'not-invited': [m.problem_not_invited, m.next_wait_invite],
  'too-many-hands': [m.problem_too_many_hands, m.next_wait],
  'seat-gone': [m.problem_seat_gone, m.next_nothing],
  'consent-required': [m.problem_consent_required, m.next_answer_both],
  'stage-full': [m.problem_stage_full, m.next_later],
  'media-unavailable': [m.problem_media_unavailable, m.next_wait],
  'media-refused': [m.problem_media_refused, m.next_open_again],
  'microphone-blocked': [m.problem_microphone_blocked, m.next_allow_microphone],
  'recording-running': [m.problem_recording_running, m.next_stop_take],
  'recording-not-running': [m.problem_recording_not_running, m.next_start_take],
  'recording-unavailable': [m.problem_recording_unavailable, m.next_start_take],
  'capture-lost': [m.problem_capture_lost, m.next_start_take],
  'recording-limit': [m.problem_recording_limit, m.next_end_and_begin],
  'disk-failed': [m.problem_disk_failed, m.next_mend_disk],
  'disk-full': [m.problem_disk_full, m.next_free_space],
  'ffmpeg-failed': [m.problem_ffmpeg_failed, m.next_tracks_safe],
  'master-not-ready': [m.problem_master_not_ready, m.next_wait_ready],
  'master-not-running': [m.problem_master_not_running, m.next_nothing],
  'master-not-failed': [m.problem_master_not_failed, m.next_nothing],
  'replay-not-ready': [m.problem_replay_not_ready, m.next_wait],
  'receipt-unknown': [m.problem_receipt_unknown, m.next_check_receipt],
  'nothing-recorded': [m.problem_nothing_recorded, m.next_start_take],
  'episode-not-ready': [m.problem_episode_not_ready, m.next_wait_ready],
  'episode-gone': [m.problem_episode_gone, m.next_nothing],
  'range-impossible': [m.problem_range_impossible, m.next_play_again],
  'unsupported-media-type': [m.problem_unsupported_media_type, m.next_reload],
  'idempotency-key-required': [m.problem_idempotency_key_required, m.next_reload],
  'token-invalid': [m.problem_token_invalid, m.next_make_token],
};

/** What a bare code says, as a recording that ended by itself leaves it behind. */
export const codeText = (code: string): { what: string; next: string } =>
  problemText({ type: '', title: m.problem_unexpected(), status: 0, code });

/** Two sentences on a Problem in the language of the interface; a code without words keeps the server's own. */
export const problemText = (problem: ProblemBody): { what: string; next: string } => {
  const words = WORDS[problem.code];
  return words ? { what: words[0](), next: words[1]() } : { what: problem.title, next: problem.next ?? '' };
};
