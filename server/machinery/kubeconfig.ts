// Reads a kubeconfig: which server, and as whom.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import type { HttpClientOptions } from './http-connection.ts'

/** The text says too little; `message` says what is missing, and nothing of what is there. */
export class KubeconfigError extends Error {}

type Fields = Record<string, string | boolean | undefined>
interface Named {
  name: string
  cluster?: Fields
  user?: Fields
  context?: Fields
}
interface Kubeconfig {
  'current-context'?: string
  clusters?: Named[]
  users?: Named[]
  contexts?: Named[]
}

export interface KubeconfigOptions {
  /** Default: the current one. */
  context?: string | undefined
  /** The folder that files named in it lie in; without one, naming files is an error. */
  base?: string
}

/**
 * The connection and namespace that a kubeconfig's context stands for.
 * @throws KubeconfigError when the text does not say enough
 */
export function connectionOf(
  text: string,
  { context: wanted, base }: KubeconfigOptions = {},
): { connection: HttpClientOptions; namespace: string | undefined } {
  const config = parsed(text)
  const name = wanted ?? config['current-context'] ?? ''
  const context = config.contexts?.find((each) => each.name === name)?.context
  const cluster = config.clusters?.find((each) => each.name === context?.['cluster'])?.cluster
  const user = config.users?.find((each) => each.name === context?.['user'])?.user ?? {}
  if (!context || typeof cluster?.['server'] !== 'string' || !URL.canParse(cluster['server'])) {
    throw new KubeconfigError(`there is no context ${name} with a cluster in it`)
  }
  const ca = pem(cluster, 'certificate-authority', base)
  const cert = pem(user, 'client-certificate', base)
  const key = pem(user, 'client-key', base)
  const { namespace } = context
  return {
    connection: {
      server: cluster['server'],
      ...(ca && { ca }),
      ...(typeof user['token'] === 'string' && { token: user['token'] }),
      ...(cert && key && { clientCert: { cert, key } }),
      ...(cluster['insecure-skip-tls-verify'] === true && { insecureSkipTlsVerify: true }),
    },
    namespace: typeof namespace === 'string' ? namespace : undefined,
  }
}

function parsed(text: string): Kubeconfig {
  try {
    const config: unknown = parse(text)
    if (typeof config === 'object' && config !== null) return config
  } catch {
    // The parser's own words would quote the text, and with it credentials.
  }
  throw new KubeconfigError('it is not YAML')
}

/** `<name>-data` in base64, or the file that `<name>` names. */
function pem(fields: Fields, name: string, base: string | undefined): string | undefined {
  const data = fields[`${name}-data`]
  if (typeof data === 'string') return Buffer.from(data, 'base64').toString('utf8')
  const file = fields[name]
  if (typeof file !== 'string') return undefined
  if (base === undefined) throw new KubeconfigError(`it names a file as its ${name}`)
  return readFileSync(path.resolve(base, file), 'utf8')
}
