// What every program needs of the container it runs in.
import { writeFileSync } from 'node:fs'

/** One line to the container's log, with the time in UTC. */
export function say(text: string): void {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`)
}

/** Leaves `message` where the kubelet finds it for the container's status; without such a place, does nothing. */
export function leaveTerminationMessage(message: string): void {
  const file = process.env.PODIUM_TERMINATION_LOG
  if (file === undefined || file === '') return
  try {
    writeFileSync(file, message)
  } catch (error) {
    say(`no termination message: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** An option that must be a number from `min` to `max`; anything else ends the program with status 2. */
export function numberOption(name: string, text: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= min && value <= max) return value
  return refuseOption(name, text, `a number from ${min} to ${max}`)
}

/** An option that is a time such as `250ms`, `10s` or `2m`; answers milliseconds. */
export function durationOption(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text)
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? '']
  if (match === null || unit === undefined) return refuseOption(name, text, 'a time like 10s')
  return Number(match[1]) * unit
}

/**
 * `args` with long options as Go's flag package takes them, after one dash (`-rate=1000`), written with two: the programs
 * of 2015 were started so.
 */
export function withLongOptions(args: readonly string[]): string[] {
  return args.map((arg) => (/^-[a-z][a-z-]+(=|$)/.test(arg) ? `-${arg}` : arg))
}

/**
 * Where to listen: `host`, `:port` or `host:port`. No host, or all of them, means the pod's own address, for all pods share
 * one machine.
 */
export function listenOption(text: string | undefined): {
  host: string
  port: number | undefined
} {
  const own = process.env.POD_IP ?? '127.0.0.1'
  const [, host = '', port] = /^(.*?)(?::(\d*))?$/.exec(text ?? '') ?? []
  return {
    host: host === '' || host === '0.0.0.0' ? own : host,
    port: port === undefined ? undefined : numberOption('address', port, 0, 65_535),
  }
}

/** Ends the program with status 2, saying what was wanted. */
export function refuseOption(name: string, text: string, wanted: string): never {
  process.stderr.write(`--${name}: ${JSON.stringify(text)} is not ${wanted}\n`)
  process.exit(2)
}
