import { createSubscriber } from 'svelte/reactivity';

/** The time, in milliseconds, moving once a second while anybody looks at it. */
class Clock {
  private readonly subscribe = createSubscriber((update) => {
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  });

  get now(): number {
    this.subscribe();
    return Date.now();
  }
}

export const clock = new Clock();
