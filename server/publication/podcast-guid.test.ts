import { expect, it } from 'vitest';
import { podcastGuid } from './podcast-guid.ts';

it("equals the podcast namespace's own test vector", () => {
  expect(podcastGuid('podnews.net/rss')).toBe('9b024349-ccf0-5f69-a609-6b82873eab3c');
});

it('does not depend on scheme or trailing slash', () => {
  expect(podcastGuid('https://podnews.net/rss/')).toBe(podcastGuid('podnews.net/rss'));
});
