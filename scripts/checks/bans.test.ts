import { describe, expect, it } from 'vitest';
import { banFaults } from './bans.ts';

const faultsOf = (path: string, text: string): string[] => banFaults({ path, text });

describe('bans', () => {
  it('the environment is read in the configuration and in scripts only', () => {
    expect(faultsOf('server/room/x.ts', `const a = process.env.PORT;`)).toHaveLength(1);
    expect(faultsOf('server/room/x.ts', `const a = process['env'];`)).toHaveLength(1);
    expect(faultsOf('server/config.ts', `const a = process.env.PORT;`)).toEqual([]);
    expect(faultsOf('scripts/x.ts', `const a = process.env.PORT;`)).toEqual([]);
    expect(faultsOf('server/room/x.ts', `// process.env is read elsewhere`)).toEqual([]);
  });

  it('no test is skipped, singled out or left for later', () => {
    for (const word of ['skip', 'only', 'todo', 'skipIf']) {
      expect(faultsOf('server/x.test.ts', `it.${word}('a', () => {});`)).toHaveLength(1);
      expect(faultsOf('test/media/x.test.ts', `describe.${word}('a', () => {});`)).toHaveLength(1);
    }
    expect(faultsOf('server/x.test.ts', `it.each([1])('a', () => {}); queue.skip();`)).toEqual([]);
  });

  it('no test sleeps', () => {
    expect(faultsOf('test/media/x.test.ts', `await new Promise((resolve) => setTimeout(resolve, 500));`)).toHaveLength(
      1,
    );
    expect(faultsOf('test/media/x.test.ts', `await sleep(5);`)).toHaveLength(1);
    expect(faultsOf('test/media/x.test.ts', `await until(() => room.isLive);`)).toEqual([]);
  });

  it('{@html} stands in no component', () => {
    expect(faultsOf('web/room/X.svelte', `<p>\n{@html topic}</p>`)).toEqual([
      'web/room/X.svelte:2 {@html} lets text of strangers become markup',
    ]);
    expect(faultsOf('web/room/X.svelte', `<p>{topic}</p>`)).toEqual([]);
  });

  it('nothing is left to be done, exported without a name, or put into a drawer for everything', () => {
    expect(faultsOf('server/room/x.ts', `// TODO later`)).toHaveLength(1);
    expect(faultsOf('server/room/x.ts', `export default 1;`)).toHaveLength(1);
    expect(faultsOf('vitest.config.ts', `export default 1;`)).toEqual([]);
    expect(faultsOf('server/room/utils.ts', `export const a = 1;`)).toHaveLength(1);
  });
});
