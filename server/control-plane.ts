// The lower half of a cluster: the store, its API over it, and the credentials to come in.
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { AddressBlock } from '../shared/addresses.ts'
import type { CertificateSigner } from '../shared/kubernetes/certificates.ts'
import type { NodeDoor } from '../shared/operation.ts'
import type { MeasuredUse } from '../shared/usage.ts'
import { claimAddresses } from './address-claim.ts'
import { createAuthenticator } from './api/access/authenticate.ts'
import { loadOrCreateAuthority } from './api/access/authority.ts'
import { kubeconfigFor } from './api/access/kubeconfig.ts'
import { createTokens } from './api/access/tokens.ts'
import type { Api } from './api/api.ts'
import { createApi } from './api/api.ts'
import { openAuditFile } from './api/audit/file.ts'
import { serveApi } from './api/http.ts'
import { loadSchemas } from './api/openapi/schemas.ts'
import type { DataDir } from './data-dir.ts'
import { StartError } from './data-dir.ts'
import type { Clock } from './machinery/clock.ts'
import type { Log } from './machinery/log.ts'
import type { Running } from './machinery/room.ts'
import { DirectoryInUseError } from './store/directory-lock.ts'
import { openDurableStore } from './store/durable-store.ts'
import { UnreadableDirectoryError } from './store/files.ts'
import { openMemoryStore } from './store/memory-store.ts'
import type { Store } from './store/store.ts'

/** The API listens here and nowhere else. */
const API_HOST = '127.0.0.1'

export interface ControlPlaneOptions {
  dataDir: DataDir
  /** 0: any free one. */
  apiPort: number
  programsDir: string
  version: string
}

export interface ControlPlane extends Running {
  readonly api: Api
  /** Where this cluster's addresses lie; no other on this machine has them while it runs. */
  readonly addresses: AddressBlock
  readonly url: string
  readonly host: string
  readonly port: number
  /** The authority that signed the API's certificate. */
  readonly caPem: string
  readonly sign: CertificateSigner
  /** The kubeconfig's path. */
  readonly kubeconfig: string
  /** The administrator's bearer token, as the kubeconfig has it. */
  readonly adminToken: string
}

/**
 * Opens the store, serves the API and writes the kubeconfig.
 * @throws StartError when the data directory cannot be used
 */
export async function startControlPlane(
  options: ControlPlaneOptions,
  deps: {
    clock: Clock
    log: Log
    nodeDoor: (node: string) => NodeDoor | undefined
    use: MeasuredUse
  },
): Promise<ControlPlane> {
  const { dataDir } = options
  const store = await openStore(dataDir)
  const opened: Running[] = [store]
  try {
    const claim = await claimAddresses(dataDir)
    opened.push(claim)
    const served = await serve(store, claim.block, options, deps)
    return { ...served, close: () => closeInTurn([served, ...opened]) }
  } catch (error) {
    await closeInTurn(opened)
    throw error
  }
}

async function closeInTurn(parts: readonly Running[]): Promise<void> {
  for (const part of parts) await part.close()
}

async function serve(
  store: Store,
  addresses: AddressBlock,
  { dataDir, apiPort, programsDir, version }: ControlPlaneOptions,
  { clock, log, nodeDoor, use }: Parameters<typeof startControlPlane>[1],
): Promise<ControlPlane> {
  const now = (): number => clock.now()
  const authority = await loadOrCreateAuthority(dataDir.path, {
    now,
    addresses: [API_HOST, '::1', addresses.kubernetesIp],
  })
  const tokens = createTokens({ keyPem: authority.serviceAccountKeyPem, now })
  const schemas = loadSchemas(path.join(programsDir, 'openapi.json'))
  const { adminToken, caPem, server: tls } = authority
  const authenticate = createAuthenticator({ adminToken, tokens, store, now })
  const api = createApi({
    store,
    clock,
    schemas,
    tokens,
    authenticate,
    nodeDoor,
    use,
    serviceCidr: addresses.serviceCidr,
  })
  const audit = openAuditFile(path.join(dataDir.path, 'audit.log'), {
    onError: (error) => log.error('the audit file cannot be written', error),
  })
  const served = await serveApi(api, {
    host: API_HOST,
    port: apiPort,
    tls: { cert: tls.certPem, key: tls.keyPem, ca: caPem },
    authenticate,
    version: { major: '1', minor: '36', gitVersion: `v1.36.0+podium-${version}` },
    onDenied: (event) => audit.write(event),
    onError: (error) => log.error('a request failed', error),
  })
  await api.bootstrap({
    apiHost: API_HOST,
    apiPort: served.port,
    serviceIp: addresses.kubernetesIp,
  })
  const url = `https://${API_HOST}:${served.port}`
  const kubeconfig = path.join(dataDir.path, 'kubeconfig')
  const text = kubeconfigFor({ server: url, caPem, token: adminToken })
  await writeFile(kubeconfig, text, { mode: 0o600 })
  return {
    api,
    url,
    host: API_HOST,
    port: served.port,
    caPem,
    sign: authority.sign,
    kubeconfig,
    adminToken,
    addresses,
    close: () => closeInTurn([served, audit]),
  }
}

async function openStore(dataDir: DataDir): Promise<Store> {
  if (!dataDir.kept) return openMemoryStore()
  try {
    return await openDurableStore(path.join(dataDir.path, 'store'))
  } catch (error) {
    if (error instanceof DirectoryInUseError) {
      throw new StartError(
        `The data directory ${dataDir.path} is in use by another Podium (process ${error.pid}); stop it or choose another with --data-dir.`,
      )
    }
    if (error instanceof UnreadableDirectoryError) {
      throw new StartError(
        `The data directory ${dataDir.path} cannot be read (${error.message}); move it away or choose another with --data-dir.`,
      )
    }
    throw error
  }
}
