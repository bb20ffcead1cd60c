import type { ProblemBody } from '../../server/platform/problem.schema.ts';
import { problemIn } from '../api/client.ts';

/** One thing a person asked for: whether it is under way, and what went wrong with it. */
export class Task {
  busy = $state(false);
  problem = $state.raw<ProblemBody | null>(null);

  /** Does the work unless it is under way already; true when it was done. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.problem = problemIn(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
