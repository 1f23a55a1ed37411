// What the command line and the environment say, checked. Every option is also PODIUM_<NAME> in the environment.
import { parseArgs } from 'node:util'
import { wholeUnits } from '../shared/quantity.ts'

export type ProxyChoice = 'auto' | 'iptables' | 'userspace'
export type DemoChoice = 'keynote' | 'none'

export interface Options {
  /** Where the stage listens. */
  host: string
  port: number
  /** The Kubernetes API listens on 127.0.0.1 at this port. */
  apiPort: number
  /** A directory, or 'memory' to keep nothing. */
  dataDir: string
  nodes: number
  simulatedNodes: number
  /** Memory that each node that runs pods promises (`2Gi`); undefined: its share of the machine. */
  nodeMemory: string | undefined
  proxyMode: ProxyChoice
  demo: DemoChoice
  /** What runs behind the image nginx. */
  nginx: 'auto' | 'builtin' | 'installed'
  /** How many times faster than Kubernetes' the autoscalers' clocks run. */
  autoscalerSpeed: number
  /** What the cluster is called in its set of clusters; undefined: as before, or after its data directory. */
  clusterName: string | undefined
  /** Kubeconfig files of clusters to join. */
  join: readonly string[]
  /** The stage's access token; undefined: the one kept in the data directory, or a new one. */
  token: string | undefined
}

/** The command line or the environment says something that cannot be; `message` is the sentence to print. */
export class UsageError extends Error {}

interface Setting {
  flag: string
  value: string
  fallback: string | undefined
  help: string
}

const SETTINGS: readonly Setting[] = [
  { flag: 'host', value: 'ADDRESS', fallback: '127.0.0.1', help: 'address of the stage' },
  { flag: 'port', value: 'N', fallback: '8080', help: 'port of the stage' },
  { flag: 'api-port', value: 'N', fallback: '6443', help: 'port of the Kubernetes API' },
  {
    flag: 'data-dir',
    value: 'DIR',
    fallback: '.podium',
    help: "where the cluster is kept ('memory' keeps nothing)",
  },
  { flag: 'nodes', value: 'N', fallback: '4', help: 'nodes that run pods (0: control plane only)' },
  {
    flag: 'node-memory',
    value: 'SIZE',
    fallback: undefined,
    help: 'memory of each of them, such as 2Gi (default: its share)',
  },
  {
    flag: 'simulated-nodes',
    value: 'N',
    fallback: '0',
    help: 'nodes that only pretend to, and say so',
  },
  {
    flag: 'proxy-mode',
    value: 'MODE',
    fallback: 'auto',
    help: 'service proxy: auto, iptables or userspace',
  },
  { flag: 'demo', value: 'NAME', fallback: 'keynote', help: 'what to perform: keynote or none' },
  {
    flag: 'nginx',
    value: 'WHICH',
    fallback: 'auto',
    help: "image nginx: the installed one, Podium's builtin, or auto",
  },
  {
    flag: 'autoscaler-speed',
    value: 'N',
    fallback: '1',
    help: "autoscalers look and settle N times faster than Kubernetes'",
  },
  {
    flag: 'cluster-name',
    value: 'NAME',
    fallback: undefined,
    help: "its name in a set of clusters (default: the data directory's)",
  },
  {
    flag: 'join',
    value: 'FILE[,FILE]',
    fallback: undefined,
    help: 'kubeconfigs of clusters to share services with',
  },
  { flag: 'token', value: 'TEXT', fallback: undefined, help: "the stage's access token" },
]

/** The text of --help. */
export function helpText(): string {
  const lines = SETTINGS.map(({ flag, value, fallback, help }) => {
    const left = `  --${flag} ${value}`.padEnd(26)
    return `${left}${help}${fallback === undefined ? '' : ` (default ${fallback})`}`
  })
  return [
    'Podium: a Kubernetes you can put on a stage.',
    '',
    'npm start [-- options]',
    '',
    ...lines,
    `  --help                  this text`,
    `  --version               the version`,
    '',
    'Each option is also an environment variable: --data-dir is PODIUM_DATA_DIR.',
  ].join('\n')
}

type Values = Record<string, string | undefined>

function readValues(args: readonly string[], env: Values): Values {
  let given: Record<string, string | boolean | undefined>
  try {
    given = parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(SETTINGS.map(({ flag }) => [flag, { type: 'string' as const }])),
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    }).values
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/\.(?:\s|$)/)[0]}. See --help.`)
  }
  if (given['help']) return { help: 'yes' }
  if (given['version']) return { version: 'yes' }
  const values: Values = {}
  for (const { flag, fallback } of SETTINGS) {
    const variable = `PODIUM_${flag.toUpperCase().replaceAll('-', '_')}`
    values[flag] = (given[flag] as string | undefined) ?? env[variable] ?? fallback
  }
  return values
}

function wholeNumber(flag: string, text: string, from: number, to: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= from && value <= to) return value
  throw new UsageError(`--${flag} takes a whole number from ${from} to ${to}, not "${text}".`)
}

function memorySize(text: string | undefined): string | undefined {
  if (text === undefined || wholeUnits(text) >= 64 * 2 ** 20) return text
  throw new UsageError(`--node-memory takes a size such as 512Mi, at least 64Mi, not "${text}".`)
}

function oneOf<Choice extends string>(
  flag: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === text)
  if (found) return found
  throw new UsageError(`--${flag} takes ${choices.join(', ')}, not "${text}".`)
}

function hostName(text: string): string {
  if (/^[A-Za-z0-9.:-]+$/.test(text)) return text
  throw new UsageError(`--host takes an address or a host name, not "${text}".`)
}

function tokenText(text: string | undefined): string | undefined {
  if (text === undefined || /^[A-Za-z0-9._~-]{8,}$/.test(text)) return text
  throw new UsageError('--token takes at least 8 letters, digits, or . _ ~ -')
}

/** An RFC 1123 label, as KEP-2149 asks for. */
function nameText(text: string | undefined): string | undefined {
  if (text === undefined || /^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$/.test(text)) return text
  throw new UsageError(
    '--cluster-name takes at most 50 small letters, digits and hyphens, none of these at an end.',
  )
}

function fileList(text: string | undefined): string[] {
  if (text === undefined) return []
  const files = text.split(',').map((file) => file.trim())
  if (files.every((file) => file !== '')) return files
  throw new UsageError('--join takes kubeconfig files with commas between them.')
}

/**
 * Reads arguments (without node and script) and environment.
 * @returns the options, or which of the two texts to print instead.
 * @throws UsageError with one plain sentence.
 */
export function parseOptions(
  args: readonly string[],
  env: Values,
): Options | { print: 'help' | 'version' } {
  const values = readValues(args, env)
  if (values['help']) return { print: 'help' }
  if (values['version']) return { print: 'version' }
  const text = (flag: string): string => values[flag] ?? ''
  if (text('data-dir') === '') throw new UsageError('--data-dir takes a directory, or memory.')
  const options: Options = {
    host: hostName(text('host')),
    port: wholeNumber('port', text('port'), 0, 65535),
    apiPort: wholeNumber('api-port', text('api-port'), 0, 65535),
    dataDir: text('data-dir'),
    nodes: wholeNumber('nodes', text('nodes'), 0, 24),
    autoscalerSpeed: wholeNumber('autoscaler-speed', text('autoscaler-speed'), 1, 100),
    simulatedNodes: wholeNumber('simulated-nodes', text('simulated-nodes'), 0, 1000),
    nodeMemory: memorySize(values['node-memory']),
    proxyMode: oneOf('proxy-mode', text('proxy-mode'), ['auto', 'iptables', 'userspace']),
    demo: oneOf('demo', text('demo'), ['keynote', 'none']),
    nginx: oneOf('nginx', text('nginx'), ['auto', 'builtin', 'installed']),
    clusterName: nameText(values['cluster-name']),
    join: fileList(values['join']),
    token: tokenText(values['token']),
  }
  if (options.port !== 0 && options.port === options.apiPort) {
    throw new UsageError('--port and --api-port must differ.')
  }
  return options
}
