import { expect, it } from 'vitest';
import { gatewayPlaces } from './gateway-places.ts';

const codeOf = (work: () => unknown): unknown => {
  try {
    work();
    return 'let in';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

it('a room that is full of listeners still takes its speakers, and a listener who leaves makes room', () => {
  const places = gatewayPlaces({ perAddress: 10, listenersPerRoom: 1 });
  const leave = places.take('a', 'room', 'anonymous');
  expect(codeOf(() => places.take('b', 'room', 'listener'))).toBe('overloaded');
  expect(codeOf(() => places.take('b', 'another', 'listener'))).toBe('let in');
  expect(codeOf(() => places.take('b', 'room', 'speaker'))).toBe('let in');
  leave();
  expect(codeOf(() => places.take('b', 'room', 'listener'))).toBe('let in');
});

it('who finds the room full has taken no place of their address', () => {
  const places = gatewayPlaces({ perAddress: 1, listenersPerRoom: 0 });
  expect(codeOf(() => places.take('a', 'room', 'anonymous'))).toBe('overloaded');
  expect(codeOf(() => places.take('a', 'room', 'speaker'))).toBe('let in');
  expect(codeOf(() => places.take('a', 'room', 'speaker'))).toBe('too-many-requests');
});
