/** Stands in for the API: starts a capture and a take, says so, and waits to be killed. */
import { readFile } from 'node:fs/promises';
import { spawnCapture } from '../../server/recording/capture/capture.client.ts';
import { StartUpSchema, TakeOrderSchema } from '../../server/recording/capture/control.schema.ts';

const [orderPath] = process.argv.slice(2);
const order = JSON.parse(await readFile(orderPath!, 'utf8'));
const capture = await spawnCapture(StartUpSchema.parse(order.startUp));
process.stdout.write(`${JSON.stringify(await capture.startTake(TakeOrderSchema.parse(order.take)))}\n`);
