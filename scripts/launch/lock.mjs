/*
 * Locks between processes: a file that exists only as long as its holder lives. A holder that was killed leaves a file
 * behind whose process is gone; whoever comes next takes it over.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isAlive, processMark } from './processes.mjs';

/** Who holds the lock: `{ pid, startedAt, note }`, or undefined when nobody alive does. */
export const lockHolder = (path) => {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8'));
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Takes the lock if it is free. Returns `{ release(), note(text) }`, or undefined when somebody else holds it. The file is written
 * whole and then linked into place, so that nobody ever reads half of it; a stale file is moved aside first, which
 * only one of several newcomers achieves.
 */
export const tryLock = (path, note = '') => {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}`;
  writeHolder(own, note);
  try {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      try {
        linkSync(own, path);
        return { release: () => rmSync(path, { force: true }), note: (text) => rewrite(path, text) };
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      if (lockHolder(path)) return undefined;
      discardStale(path);
    }
    return undefined;
  } finally {
    rmSync(own, { force: true });
  }
};

const writeHolder = (path, note) =>
  writeFileSync(path, JSON.stringify({ ...processMark(process.pid), note }), { mode: 0o600 });

const rewrite = (path, note) => {
  const fresh = `${path}.${process.pid}`;
  writeHolder(fresh, note);
  renameSync(fresh, path);
};

const discardStale = (path) => {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch {
    return; // another newcomer was faster
  }
  if (lockHolder(aside)) {
    // Between our look and our move the file became somebody's: give it back.
    try {
      linkSync(aside, path);
    } catch {
      // Yet another process holds the lock now; the one whose file we moved will find that out at its next look.
    }
  }
  rmSync(aside, { force: true });
};

/** Runs `task` while holding the lock, waiting for others first; `onWait` is called once when there is a wait. */
export const withLock = async (path, task, onWait = () => {}) => {
  let lock = tryLock(path);
  if (!lock) onWait();
  while (!lock) {
    await new Promise((wake) => setTimeout(wake, 200));
    lock = tryLock(path);
  }
  try {
    return await task();
  } finally {
    lock.release();
  }
};
