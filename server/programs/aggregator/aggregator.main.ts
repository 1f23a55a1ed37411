// Finds the loadbots, merges what they count, and serves it.
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import {
  durationOption,
  listenOption,
  numberOption,
  refuseOption,
  say,
  withLongOptions,
} from '../process.ts'
import { Bots, addressesOf, type BotAddresses } from './bots.ts'
import { PodWatch, accessFromPod } from './pod-watch.ts'
import { serveAggregator } from './serve.ts'
import { Tally } from './tally.ts'

const { values } = parseArgs({
  args: withLongOptions(process.argv.slice(2)),
  options: {
    selector: { type: 'string', default: 'run=loadbot' },
    bots: { type: 'string' },
    'bot-port': { type: 'string', default: '8080' },
    address: { type: 'string' },
    port: { type: 'string', default: '8080' },
    // What its forebear of 2015 was told.
    'use-ip': { type: 'string', default: 'true' },
    sleep: { type: 'string' },
  },
})
if (values['use-ip'] !== 'true') {
  refuseOption('use-ip', values['use-ip'], 'true: loadbots are asked at their own addresses')
}
if (values.sleep !== undefined) {
  const wanted = durationOption('sleep', values.sleep)
  say(`loadbots send their reports by themselves, so nothing waits ${wanted} ms between them`)
}
const listen = listenOption(values.address)
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
    listen.host,
    listen.port ?? numberOption('port', values.port, 0, 65_535),
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
    `aggregator follows ${values.bots ?? `pods with ${values.selector}`}, serves on ${listen.host}:${server.port}`,
  )
} catch (error) {
  say(`aggregator cannot start: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
