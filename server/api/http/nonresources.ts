// Paths that are no objects: health, version, discovery and the OpenAPI documents.
import { noSuchPath } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import type { OpenApiDocument } from '../openapi/documents.ts'
import { negotiate } from './accept.ts'
import {
  AGGREGATED_FORMS,
  aggregated,
  groupList,
  groupOf,
  legacyVersions,
  resourceList,
} from './discovery.ts'
import { sendBytes, sendJson, type Exchange } from './exchange.ts'
import type { ResourcePath } from './paths.ts'

export interface VersionInfo {
  major: string
  minor: string
  /** `v1.36.0+podium` */
  gitVersion: string
}

/** Whether the API is well. */
export function isHealth(pathname: string): boolean {
  return /^\/(healthz|livez|readyz)(\/|$)/.test(pathname)
}

/** Paths that say how and what the API is. */
export function isOpen(pathname: string): boolean {
  return isHealth(pathname) || pathname === '/version'
}

/** Answers health and version. */
export function serveOpen(exchange: Exchange, version: VersionInfo): void {
  if (exchange.pathname !== '/version') return serveHealth(exchange)
  sendJson(exchange, 200, {
    ...version,
    emulationMajor: version.major,
    emulationMinor: version.minor,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: 'node',
    platform: `${process.platform}/${process.arch}`,
  })
}

/** One check, for whoever asks can be answered (apiserver/pkg/server/healthz); it has a path of its own too. */
function serveHealth(exchange: Exchange): void {
  const [, name, check, ...rest] = exchange.pathname.replace(/\/$/, '').split('/')
  if (rest.length > 0 || (check !== undefined && check !== 'ping')) throw noSuchPath()
  const isTold = exchange.query.has('verbose') && check === undefined
  const text = isTold ? `[+]ping ok\n${name} check passed\n` : 'ok'
  sendBytes(exchange, 200, Buffer.from(text), 'text/plain; charset=utf-8')
}

/** Answers everything that is no object; 404 for what there is not. */
export function serveNonResource(core: Core, exchange: Exchange): void {
  const path = exchange.pathname.replace(/\/$/, '')
  const { registry, schemas } = core
  switch (path) {
    case '':
      return sendJson(exchange, 200, {
        paths: [
          '/api',
          '/apis',
          '/healthz',
          '/livez',
          '/openapi/v2',
          '/openapi/v3',
          '/readyz',
          '/version',
        ],
      })
    case '/api':
    case '/apis':
      return serveRoot(core, exchange, path === '/api')
    case '/openapi/v2':
      return serveV2(core, exchange)
    case '/openapi/v3':
      return sendDocument(exchange, schemas.documents.v3Index(registry))
    default:
  }
  if (path.startsWith('/openapi/v3/')) return serveV3(core, exchange, path.slice(12))
  const group = /^\/apis\/([^/]+)$/.exec(path)?.[1]
  const body = group === undefined ? undefined : groupOf(registry, group)
  if (!body) throw noSuchPath()
  sendJson(exchange, 200, body)
}

/** GET /api/v1 and /apis/<group>/<version>. */
export function serveResourceList(core: Core, exchange: Exchange, path: ResourcePath): void {
  const body = resourceList(core.registry, path)
  if (!body) throw noSuchPath()
  sendJson(exchange, 200, body)
}

function serveRoot(core: Core, exchange: Exchange, ofCore: boolean): void {
  const { request, response } = exchange
  const form = negotiate(request.headers.accept, AGGREGATED_FORMS)
  response.setHeader('vary', 'Accept')
  if (form.as !== undefined) {
    const version = form.version ?? 'v2'
    const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
    return sendJson(exchange, 200, aggregated(core.registry, version, ofCore), type)
  }
  const body = ofCore ? legacyVersions(request.headers.host ?? '') : groupList(core.registry)
  sendJson(exchange, 200, body)
}

/** Clients of Kubernetes name the form with @, its answers without (kube-openapi's handler). */
const SWAGGER_PROTOBUF = /application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf/

function serveV2({ schemas, registry }: Core, exchange: Exchange): void {
  const { accept } = exchange.request.headers
  if (!SWAGGER_PROTOBUF.test(accept ?? '')) {
    negotiate(accept, [])
    return sendDocument(exchange, schemas.documents.v2(registry))
  }
  const type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
  sendDocument(exchange, schemas.documents.v2Protobuf(registry), type)
}

function serveV3({ schemas, registry }: Core, exchange: Exchange, path: string): void {
  const document = schemas.documents.v3(registry, path)
  if (!document) throw noSuchPath()
  const asked = exchange.query.get('hash')
  if (asked !== null && asked !== document.hash) {
    const location = `/openapi/v3/${path}?hash=${document.hash}`
    exchange.response.writeHead(301, { location }).end()
    return
  }
  sendDocument(exchange, document)
}

function sendDocument(
  exchange: Exchange,
  { body, hash }: OpenApiDocument,
  type = 'application/json',
): void {
  const { request, response } = exchange
  const etag = `"${hash}"`
  response.setHeader('etag', etag)
  response.setHeader('vary', 'Accept-Encoding, Accept')
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return
  }
  sendBytes(exchange, 200, body, type)
}
