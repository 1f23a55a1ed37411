// Finds the loadbots, merges what they count, and serves it.
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { numberOption, say } from '../process.ts'
import { Bots, addressesOf, type BotAddresses } from './bots.ts'
import { PodWatch, accessFromPod } from './pod-watch.ts'
import { serveAggregator } from './serve.ts'
import { Tally } from './tally.ts'

const { values } = parseArgs({
  options: {
    selector: { type: 'string', default: 'run=loadbot' },
    bots: { type: 'string' },
    'bot-port': { type: 'string', default: '8080' },
    address: { type: 'string', default: process.env.POD_IP ?? '127.0.0.1' },
    port: { type: 'string', default: '8080' },
  },
})
const botPort = numberOption('bot-port', values['bot-port'], 1, 65_535)

/** `host:port,host` as given by hand. */
function addressesFrom(list: string): BotAddresses {
  return new Map(
    list.split(',').map((entry) => {
      const [host = '', port] = entry.trim().split(':')
      const number = port === undefined ? botPort : numberOption('bots', port, 1, 65_535)
      return [entry, { name: entry, host, port: number }]
    }),
  )
}

const epoch = randomUUID()
const tally = new Tally(epoch)
const bots = new Bots(tally, epoch)

function follow(): { close: () => void } {
  if (values.bots !== undefined) {
    bots.follow(addressesFrom(values.bots), Date.now())
    return { close: () => undefined }
  }
  return new PodWatch(
    accessFromPod(),
    values.selector,
    (pods) => bots.follow(addressesOf(pods.values(), botPort), Date.now()),
    say,
  )
}

try {
  const server = await serveAggregator(
    tally,
    bots,
    values.address,
    numberOption('port', values.port, 0, 65_535),
  )
  const watch = follow()
  const leave = (): void => {
    watch.close()
    bots.close()
    server.close()
    say('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', leave)
  process.on('SIGINT', leave)
  say(
    `aggregator follows ${values.bots ?? `pods with ${values.selector}`}, serves on ${values.address}:${server.port}`,
  )
} catch (error) {
  say(`aggregator cannot start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
