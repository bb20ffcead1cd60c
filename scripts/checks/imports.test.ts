import { describe, expect, it } from 'vitest';
import { importFaults, importsOf } from './imports.ts';

const faultsOf = (path: string, text: string): string[] => importFaults({ path, text });

describe('importsOf', () => {
  it('finds static, type-only, re-exported, dynamic and inline type imports', () => {
    const text = `
      import a from './a.ts';
      import type { B } from './b.ts';
      import { type C } from './c.ts';
      export { d } from './d.ts';
      const e = await import('./e.ts');
      type F = import('./f.ts').F;
    `;
    const found = importsOf({ path: 'server/room/x.ts', text });
    expect(found.map(({ target, isTypeOnly }) => [target.at(-4), isTypeOnly])).toEqual([
      ['a', false],
      ['b', true],
      ['c', true],
      ['d', false],
      ['e', false],
      ['f', true],
    ]);
  });

  it('reads the scripts of a Svelte component and keeps their lines', () => {
    const text = `<p>{@render x()}</p>\n<script lang="ts">\n  import { a } from './a.ts';\n</script>`;
    expect(importsOf({ path: 'web/room/X.svelte', text })).toEqual([
      { target: 'web/room/a.ts', isRelative: true, isTypeOnly: false, line: 3 },
    ]);
  });
});

describe('import rules', () => {
  it('a chapter imports from its left, never from its right', () => {
    expect(faultsOf('server/stage/x.ts', `import { a } from '../room/a.ts';`)).toEqual([]);
    expect(faultsOf('server/room/x.ts', `import { a } from '../stage/a.ts';`)).toEqual([
      'server/room/x.ts:1 server/stage/a.ts: room stands left of stage and may not import it',
    ]);
    expect(faultsOf('server/people/x.ts', `const a = await import('../publication/a.ts');`)).toHaveLength(1);
  });

  it('the types of media/port.ts, and only they, may be imported from the left', () => {
    expect(faultsOf('server/room/x.ts', `import type { MediaPort } from '../media/port.ts';`)).toEqual([]);
    expect(faultsOf('server/room/x.ts', `import { MediaPort } from '../media/port.ts';`)).toHaveLength(1);
    expect(faultsOf('server/room/x.ts', `import type { Gate } from '../media/gateway.ts';`)).toHaveLength(1);
  });

  it('platform imports no chapter, and nobody imports the composition, which imports all', () => {
    expect(faultsOf('server/platform/x.ts', `import { a } from '../room/a.ts';`)).toHaveLength(1);
    expect(faultsOf('server/room/x.ts', `import { buildApp } from '../app.ts';`)).toHaveLength(1);
    expect(
      faultsOf('server/app.ts', `import { a } from './publication/a.ts'; import { b } from './room/b.ts';`),
    ).toEqual([]);
  });

  it('each outside part has one door', () => {
    expect(faultsOf('server/media/livekit.ts', `import { AccessToken } from 'livekit-server-sdk';`)).toEqual([]);
    expect(faultsOf('server/media/gateway.ts', `import { AccessToken } from 'livekit-server-sdk';`)).toHaveLength(1);
    expect(faultsOf('web/room/Door.svelte', `<script>import { Room } from 'livekit-client';</script>`)).toHaveLength(1);
    expect(faultsOf('web/media/listen.ts', `import { Room } from 'livekit-client';`)).toEqual([]);
    expect(faultsOf('server/recording/x.ts', `import { Room } from '@livekit/rtc-node';`)).toHaveLength(1);
    expect(faultsOf('server/room/room.store.ts', `import type { Room } from '../platform/prisma/client.ts';`)).toEqual(
      [],
    );
    expect(
      faultsOf('server/room/room.service.ts', `import type { Room } from '../platform/prisma/client.ts';`),
    ).toHaveLength(1);
  });

  it('web/ imports only schemas of server/, and the door only their types', () => {
    expect(faultsOf('web/stage/x.ts', `import { frameSchema } from '../../server/stage/stage.schema.ts';`)).toEqual([]);
    expect(faultsOf('web/stage/x.ts', `import type { Room } from '../../server/room/room.ts';`)).toHaveLength(1);
    expect(
      faultsOf('web/room/Door.svelte', `<script>import { s } from '../../server/room/room.schema.ts';</script>`),
    ).toHaveLength(1);
    expect(faultsOf('web/ui/x.ts', `import { join } from 'node:path';`)).toHaveLength(1);
  });

  it('a schema brings no Node built-in and no package but zod to the browser', () => {
    expect(faultsOf('server/room/room.schema.ts', `import { z } from 'zod';`)).toEqual([]);
    expect(faultsOf('server/room/room.schema.ts', `import { createHash } from 'node:crypto';`)).toHaveLength(1);
  });

  it('the server imports neither scripts nor tests', () => {
    expect(faultsOf('server/room/x.ts', `import { until } from '../../test/support/wait.ts';`)).toHaveLength(1);
    expect(faultsOf('server/room/x.test.ts', `import { until } from '../../test/support/wait.ts';`)).toEqual([]);
  });
});
