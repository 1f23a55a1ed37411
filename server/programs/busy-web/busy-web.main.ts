// Costs processor time for every request, as the server of Kubernetes' autoscaling walkthrough does: a million square roots.
import http from 'node:http'
import { say } from '../process.ts'

const ROOTS = 1_000_000
const PORT = Number(process.env.PORT ?? 80)
const address = process.env.POD_IP ?? '127.0.0.1'

function work(): number {
  let x = 0.0001
  for (let i = 0; i <= ROOTS; i += 1) x += Math.sqrt(x)
  return x
}

const server = http.createServer((_request, response) => {
  response.end(work() > 0 ? 'OK!' : '')
})
server.on('error', (error) => {
  say(`cannot listen: ${error.message}`)
  process.exit(1)
})
server.listen(PORT, address, () => say(`serves on ${address}:${PORT}`))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
