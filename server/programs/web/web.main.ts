// The web server that nginx pods run when the machine has no nginx: versioned pages, exact counts, no loss.
import { parseArgs } from 'node:util'
import { parseImage } from '../../../shared/images.ts'
import { durationOption, leaveTerminationMessage, numberOption, say } from '../process.ts'
import { WebServer } from './server.ts'

/** The release that is broken on purpose: it never becomes ready and fails this long (ms) after its start. */
const BAD_RELEASE = 'v3'
const BAD_RELEASE_LIFE_MS = 1000
/** The release that runs and never becomes ready. */
const UNREADY_RELEASE = 'unready'

const { values } = parseArgs({
  options: {
    address: { type: 'string', default: process.env.POD_IP ?? '127.0.0.1' },
    port: { type: 'string', default: process.env.PORT ?? '80' },
    version: { type: 'string', default: parseImage(process.env.PODIUM_IMAGE ?? 'web:v1').tag },
    path: { type: 'string', default: '/' },
    grace: { type: 'string', default: '25s' },
  },
})
const { version, address } = values
const graceMs = durationOption('grace', values.grace)

const server = new WebServer({
  address,
  port: numberOption('port', values.port, 0, 65_535),
  path: values.path,
  pod: process.env.POD_NAME ?? process.env.HOSTNAME ?? 'web',
  version,
  ready: version !== BAD_RELEASE && version !== UNREADY_RELEASE,
})

async function leave(): Promise<void> {
  say('draining')
  await server.drain(graceMs)
  const { answered, connections } = server.stats()
  if (connections > 0) say(`${connections} connections were still open after ${values.grace}`)
  const message = JSON.stringify({ answered })
  leaveTerminationMessage(message)
  say(`stopped ${message}`)
  process.exit(0)
}

process.on('SIGTERM', () => void leave())
process.on('SIGINT', () => void leave())

try {
  const port = await server.listen()
  say(`web ${version} listens on ${address}:${port}`)
} catch (error) {
  say(`web ${version} cannot listen: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}

if (version === BAD_RELEASE) {
  setTimeout(() => {
    say(`web ${version} fails: this release is broken on purpose`)
    leaveTerminationMessage(JSON.stringify({ answered: server.stats().answered }))
    process.exit(1)
  }, BAD_RELEASE_LIFE_MS)
}
