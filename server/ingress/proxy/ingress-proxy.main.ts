// What the pods of the built-in ingress controller run. The routing table is a file that changes in place.
import http from 'node:http'
import { parseArgs } from 'node:util'
import { ADMIN_PORT, FILES_AT, HTTP_PORT, HTTPS_PORT } from '../data-plane.ts'
import type { RoutingTable } from '../routing-table.ts'
import { followFile, say } from './pod.ts'
import { IngressProxy } from './proxy.ts'

const { values } = parseArgs({
  options: {
    address: { type: 'string', default: process.env.POD_IP ?? '127.0.0.1' },
    table: { type: 'string', default: `${process.env.PODIUM_ROOT ?? ''}${FILES_AT}/table.json` },
  },
})
/** Less than the 30 s that Kubernetes gives a pod to end. */
const GRACE_MS = 25_000

const proxy = new IngressProxy()
const following = followFile(values.table, (text) => {
  proxy.follow(JSON.parse(text) as RoutingTable)
  say('the routing table is in force')
})

const admin = http.createServer((request, response) => {
  if (request.url === '/healthz') response.end('ok')
  else if (request.url === '/stats') response.end(JSON.stringify(proxy.counts()))
  else response.writeHead(404).end()
})

process.once('SIGTERM', () => {
  say('draining')
  following.close()
  void proxy.drain(GRACE_MS).then(() => {
    say(`stopped ${JSON.stringify(proxy.counts())}`)
    process.exit(0)
  })
})

await following.first
await proxy.listen(values.address, { http: HTTP_PORT, https: HTTPS_PORT })
admin.listen(ADMIN_PORT, values.address)
say(`serving on ${values.address}`)
