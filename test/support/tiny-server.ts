/* Stands in for the server where only the launcher is tested: ready as soon as it listens, gone at SIGTERM. */
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  if (request.url === '/crash') process.exit(1);
  response.end(request.url === '/pid' ? String(process.pid) : 'ok');
});
const fd = Number(process.env['LISTEN_FD'] ?? 0);
server.listen(fd > 0 ? { fd } : { port: Number(process.env['PORT']), host: process.env['HOST'] });
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
