// Reads a kubeconfig: which server, and as whom.
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'
import type { HttpClientOptions } from '../machinery/http-connection.ts'
import { RollingUpdateError } from './controllers.ts'

interface Named<T> {
  name: string
  cluster?: T
  user?: T
  context?: T
}
type Fields = Record<string, string | boolean | undefined>
interface Kubeconfig {
  'current-context'?: string
  clusters?: Named<Fields>[]
  users?: Named<Fields>[]
  contexts?: Named<Fields>[]
}

/** Where kubectl would look, after the cluster that runs here. */
export function defaultKubeconfig(env: Record<string, string | undefined>): string {
  const own = path.join(env['PODIUM_DATA_DIR'] ?? '.podium', 'kubeconfig')
  const places = [env['KUBECONFIG'], own, path.join(os.homedir(), '.kube/config')]
  const found = places.find((file) => file !== undefined && file !== '' && existsSync(file))
  if (found !== undefined) return found
  throw new RollingUpdateError('There is no kubeconfig; name one with --kubeconfig.')
}

/**
 * The connection and namespace that a kubeconfig's context stands for.
 * @param contextName default: the current one
 * @throws RollingUpdateError when the file does not say enough
 */
export function readKubeconfig(
  file: string,
  contextName?: string,
): { connection: HttpClientOptions; namespace: string | undefined } {
  const config = (parse(readFileSync(file, 'utf8')) ?? {}) as Kubeconfig
  const name = contextName ?? config['current-context']
  const context = config.contexts?.find((each) => each.name === name)?.context
  const cluster = config.clusters?.find((each) => each.name === context?.['cluster'])?.cluster
  const user = config.users?.find((each) => each.name === context?.['user'])?.user ?? {}
  if (!context || typeof cluster?.['server'] !== 'string') {
    throw new RollingUpdateError(`${file} has no context ${name ?? ''} with a cluster`)
  }
  const base = path.dirname(file)
  const ca = pem(cluster, 'certificate-authority', base)
  const cert = pem(user, 'client-certificate', base)
  const key = pem(user, 'client-key', base)
  const namespace = context['namespace']
  return {
    connection: {
      server: cluster['server'],
      userAgent: 'podium-rolling-update',
      ...(ca && { ca }),
      ...(typeof user['token'] === 'string' && { token: user['token'] }),
      ...(cert && key && { clientCert: { cert, key } }),
      ...(cluster['insecure-skip-tls-verify'] === true && { insecureSkipTlsVerify: true }),
    },
    namespace: typeof namespace === 'string' ? namespace : undefined,
  }
}

/** `<name>-data` in base64, or the file that `<name>` names. */
function pem(fields: Fields, name: string, base: string): string | undefined {
  const data = fields[`${name}-data`]
  if (typeof data === 'string') return Buffer.from(data, 'base64').toString('utf8')
  const file = fields[name]
  return typeof file === 'string' ? readFileSync(path.resolve(base, file), 'utf8') : undefined
}
