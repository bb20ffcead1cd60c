/**
 * A capture on a machine whose wall clock is set while it runs: each SIGUSR2 moves it on by the next of the hours below.
 * Only what asks for the time of day is moved; the kernel's monotonic clock goes on, as it does in truth.
 */
const HOURS = [1, -1, 0];

const dateNow = Date.now;
let jumps = 0;
process.on('SIGUSR2', () => {
  const offsetMs = (HOURS[jumps++ % HOURS.length] ?? 0) * 3_600_000;
  Date.now = () => dateNow() + offsetMs;
});

await import('../../server/recording/capture/capture.main.ts');
