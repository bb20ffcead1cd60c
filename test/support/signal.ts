/** A participant's signalling alone, without any sound: what a program of a stranger could send and would receive. */
import { SignalRequest, SignalResponse } from '@livekit/protocol';
import { WebSocket } from 'ws';
import { until } from './wait.ts';

type Answer = SignalResponse['message'];
type AnswerOf<Case extends Answer['case']> = Extract<Answer, { case: Case }>;
export type SignalOrder = { mediaUrl: string; token?: string; query?: string; headers?: Record<string, string> };

/** The HTTP status with which a socket is refused; 101 when it is accepted (and then closed at once). */
export const upgradeStatus = (url: string, headers: Record<string, string> = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    socket.once('error', reject);
  });

/** Connects as LiveKit's clients do; throws when refused. */
export const startSignal = async ({ mediaUrl, token, query = '', headers = {} }: SignalOrder) => {
  const given = [token && `access_token=${token}`, query].filter(Boolean).join('&');
  const socket = new WebSocket(`${mediaUrl}/rtc?${given}`, { headers });
  const answers: Answer[] = [];
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.on('message', (data: Buffer) => void answers.push(SignalResponse.fromBinary(data).message));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    socket,
    answers,
    /** Resolves with the close code. */
    closed,
    /** The first answer of a kind, now or later. */
    first: <Case extends NonNullable<Answer['case']>>(kind: Case): Promise<AnswerOf<Case>['value']> =>
      until(() => answers.find((answer) => answer.case === kind)?.value, { what: `a ${kind} from LiveKit` }) as Promise<
        AnswerOf<Case>['value']
      >,
    send: (message: SignalRequest['message']): void => socket.send(new SignalRequest({ message }).toBinary()),
    leave: async (): Promise<void> => {
      socket.close();
      await closed;
    },
  };
};
export type Signal = Awaited<ReturnType<typeof startSignal>>;
