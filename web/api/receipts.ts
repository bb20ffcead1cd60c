import { api, dataOf } from './client.ts';

/** What a personal receipt is good for. The secret travels in bodies only. */
export const receiptActs = (secret: string) => ({
  read: () => dataOf(api.POST('/receipts/read', { body: { secret } })),
  /** The words on the button that was pressed are kept with the answer. */
  withdraw: (order: { erase: boolean; wording: string; language: string }) =>
    dataOf(api.POST('/receipts/withdraw', { body: { secret, ...order } })),
  tracks: async () => (await dataOf(api.POST('/receipts/tracks', { body: { secret } }))).tracks,
});
export type ReceiptActs = ReturnType<typeof receiptActs>;
