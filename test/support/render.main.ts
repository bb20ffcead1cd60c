/** One render in a process of its own, for tests that kill it: input as JSON in argv, each new step on stdout. */
import { render, type RenderInput } from '../../server/recording/render/render.ts';

const input = JSON.parse(process.argv[2] ?? '') as RenderInput;
await render(input, { onProgress: ({ step, percent }) => process.stdout.write(`${step} ${percent}\n`) });
