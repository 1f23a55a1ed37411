// How much a hog takes, said in the ways of the programs that Kubernetes' documentation uses: `stress --vm 1 --vm-bytes 250M
// --vm-hang 1`, `stress --cpu 2`, and `-mem-total 950Mi -cpus 2`.

export interface Appetite {
  /** Bytes to hold. */
  memoryBytes: number
  /** Bytes taken at a time, and the pause between, in milliseconds. */
  stepBytes: number
  stepPauseMs: number
  /** Processors to keep busy; 0.5 is half of one. */
  cpus: number
  /** Ends by itself after that many milliseconds; 0: never. */
  timeoutMs: number
  /** Listens for orders there; 0: nowhere. */
  port: number
}

const MEBIBYTE = 2 ** 20
const UNITS: Record<string, number> = { '': 1, B: 1, K: 1024, M: MEBIBYTE, G: 2 ** 30 }
const SECONDS: Record<string, number> = { ms: 1, '': 1000, s: 1000, m: 60_000, h: 3_600_000 }

class Bad extends Error {}

/** `250M`, `950Mi`, `1.5G`; as in stress, K, M and G count in 1024s. */
export function bytesOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(B|[KMG]i?)?$/i.exec(text)
  const unit = UNITS[(match?.[2] ?? '').charAt(0).toUpperCase()]
  if (!match || unit === undefined) throw new Bad(`${text} is no amount of memory`)
  return Math.round(Number(match[1]) * unit)
}

function millisOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  if (!match) throw new Bad(`${text} is no time`)
  return Number(match[1]) * (SECONDS[match[2] ?? ''] ?? 1000)
}

function countOf(text: string): number {
  const value = Number(text)
  if (text === '' || !(value >= 0 && value <= 1024))
    throw new Bad(`${text} is no number of workers`)
  return value
}

/**
 * Reads the arguments; `--name value`, `--name=value` and `-name value` are alike.
 * @throws Error with a sentence about the first that makes no sense
 */
export function readAppetite(args: readonly string[]): Appetite {
  const given = pairsOf(args)
  const one = <T>(names: string[], read: (text: string) => T, fallback: T): T => {
    const name = names.find((each) => given.has(each))
    const text = name === undefined ? undefined : given.get(name)
    names.forEach((each) => given.delete(each))
    return text === undefined ? fallback : read(text)
  }
  const workers = one(['vm', 'm'], countOf, 0)
  const each = one(['vm-bytes'], bytesOf, 256 * MEBIBYTE)
  const total = one(['mem-total', 'memory'], bytesOf, 0)
  const appetite: Appetite = {
    memoryBytes: total + workers * each,
    stepBytes: Math.max(4096, one(['mem-alloc-size'], bytesOf, 16 * MEBIBYTE)),
    stepPauseMs: one(['mem-alloc-sleep'], millisOf, 0),
    cpus: one(['cpus', 'cpu', 'c'], countOf, 0),
    timeoutMs: one(['timeout', 't'], millisOf, 0),
    port: one(['port'], countOfPort, 0),
  }
  // What is taken is kept, which is what these ask for, more or less; and it is always told.
  for (const name of ['vm-hang', 'vm-keep', 'vm-stride', 'verbose', 'v', 'logtostderr'])
    given.delete(name)
  const [unknown] = given.keys()
  if (unknown !== undefined) throw new Bad(`there is no option ${unknown}`)
  return appetite
}

function countOfPort(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new Bad(`${text} is no port`)
  return value
}

function pairsOf(args: readonly string[]): Map<string, string> {
  const pairs = new Map<string, string>()
  for (let i = 0; i < args.length; i++) {
    const match = /^--?([a-z][a-z-]*)(?:=(.*))?$/.exec(args[i] ?? '')
    if (!match) throw new Bad(`${args[i]} is no option`)
    const next = args[i + 1]
    const follows = match[2] === undefined && next !== undefined && !next.startsWith('-')
    pairs.set(match[1] ?? '', match[2] ?? (follows ? next : ''))
    if (follows) i++
  }
  return pairs
}
