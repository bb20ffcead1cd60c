/* Stands in for the server where only the launcher is tested: ready as soon as it listens, gone at SIGTERM. */
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  if (request.url === '/crash') process.exit(1);
  response.end(request.url === '/pid' ? String(process.pid) : 'ok');
});
server.listen(Number(process.env['PORT']), process.env['HOST']);
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
