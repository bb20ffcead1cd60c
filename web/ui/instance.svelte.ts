import type { InstanceView } from '../../server/people/people.schema.ts';
import { getInstance } from '../api/people.ts';

/** Who runs this server; asked once, and the pages stand without it. */
class Instance {
  view = $state.raw<InstanceView | null>(null);
  private asked = false;

  load(): void {
    if (this.asked) return;
    this.asked = true;
    getInstance().then(
      (view) => (this.view = view),
      () => (this.asked = false),
    );
  }
}

export const instance = new Instance();
