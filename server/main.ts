// The process: arguments and environment become options; Podium starts, runs until a signal, and ends with an exit code.
// A newcomer's way in: main → podium.ts (cluster and stage) → cluster.ts (every room of one cluster).
import { systemClock } from './machinery/clock.ts'
import { createLog } from './machinery/log.ts'
import type { LogLevel } from './machinery/log.ts'
import { helpText, parseOptions, UsageError } from './options.ts'
import type { Options } from './options.ts'
import { startPodium, StartError, VERSION } from './podium.ts'
import type { Podium } from './podium.ts'

/** Ctrl-C must end in under five seconds; what has not closed by then is left to the warden. */
const CLOSE_WITHIN_MS = 4500

type Environment = Record<string, string | undefined>

/**
 * Runs Podium until it is told to stop; sets the exit code (0, or 1 after one sentence on stderr).
 * @param args without node and script
 */
export async function main(args: readonly string[], env: Environment): Promise<void> {
  try {
    const options = parseOptions(args, env)
    if ('print' in options) console.log(options.print === 'help' ? helpText() : VERSION)
    else await perform(options, env)
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof StartError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

async function perform(options: Options, env: Environment): Promise<void> {
  const began = systemClock.now()
  const level = (env['PODIUM_LOG'] ?? 'warn') as LogLevel
  const log = createLog(level, (line) => console.error(line))
  const stopping = new AbortController()
  let podium: Podium | undefined
  const stop = (): void => {
    if (stopping.signal.aborted) process.exit(1)
    stopping.abort()
    console.log('\nStopping …')
    if (podium) void end(podium)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)

  podium = await startPodium(options, { clock: systemClock, log, development: isSet(env) })
  if (stopping.signal.aborted) return end(podium)
  console.log(podium.banner)
  await podium.ready
  if (stopping.signal.aborted) return
  const seconds = ((systemClock.now() - began) / 1000).toFixed(1)
  console.log(`\nReady in ${seconds} s. Ctrl-C stops everything.`)
}

function isSet(env: Environment): boolean {
  return env['PODIUM_DEV'] === '1'
}

async function end(podium: Podium): Promise<void> {
  const late = setTimeout(() => process.exit(1), CLOSE_WITHIN_MS)
  await podium.close()
  clearTimeout(late)
  process.exit(0)
}
