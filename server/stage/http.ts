// The stage's door: who may come in, the few paths there are, and the browser's files.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import express from 'express'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { CLUSTER_DOOR } from '../../shared/door.ts'
import { ApiError, badRequest, internal, noSuchPath, tooLarge } from '../../shared/status.ts'
import type {
  Action,
  ActionResult,
  CueRequest,
  FailureReport,
  ReplayRequest,
  ReplayView,
  StageInfo,
  Summary,
  TraceView,
} from '../../shared/stage.ts'
import type { ScalingHistory, TrafficReport } from '../../shared/traffic.ts'
import { checkIntent, checkNames, checkToken, isSameText, sessionCookie } from './access.ts'
import type { AccessRules } from './access.ts'
import { parseAction } from './actions.ts'
import { parseCue } from './cues.ts'
import { DOOR_PAGE } from './doorPage.ts'
import { parseReplay } from './replay.ts'

/** Vite names built files by their content, so they may be kept for ever. */
const HASHED = /[/\\]assets[/\\]/
const FOR_EVER = 'public, max-age=31536000, immutable'
const MAX_BODY = '16kb'

export interface HttpDeps {
  rules: AccessRules
  info: StageInfo
  /** Folder of the built client. */
  clientDir: string
  /** Serves the client instead of `clientDir` while developing. */
  development: RequestHandler | undefined
  summary: () => Summary
  /** undefined: ready. Otherwise why not, as a sentence. */
  notReady: () => string | undefined
  act: (action: Action) => Promise<ActionResult>
  /** Takes the show to a step of its script. */
  cue: (request: CueRequest) => Promise<void>
  /** Has every screen of the hall show a moment of the past, or now again. */
  replay: (request: ReplayRequest) => ReplayView
  trace: () => Promise<TraceView>
  failures: () => FailureReport
  traffic: () => Promise<TrafficReport>
  scaling: () => ScalingHistory
  /** Answers what is asked of the cluster's API; undefined: there is none to ask. */
  cluster: RequestHandler | undefined
  logError: (message: string, error: unknown) => void
}

/** The express application. */
export function createHttp(deps: HttpDeps): express.Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(securityHeaders(deps.development !== undefined))
  app.use(admitNames(deps))
  app.get('/readyz', (_, response) => {
    const reason = deps.notReady()
    response.status(reason === undefined ? 200 : 503).type('text/plain')
    response.send(reason === undefined ? 'ok\n' : `${reason}\n`)
  })
  app.use(admitToken(deps))
  app.get('/api/info', (_, response) => void response.json(deps.info))
  app.get('/api/summary', (_, response) => void response.json(deps.summary()))
  app.post('/api/actions', express.json({ limit: MAX_BODY }), (request, response, next) => {
    if (!request.is('application/json')) throw badRequest('An action is sent as application/json.')
    deps.act(parseAction(request.body)).then((result) => response.json(result), next)
  })
  app.post('/api/cue', express.json({ limit: MAX_BODY }), (request, response, next) => {
    if (!request.is('application/json')) throw badRequest('A cue is sent as application/json.')
    deps.cue(parseCue(request.body)).then(() => response.json({}), next)
  })
  app.post('/api/replay', express.json({ limit: MAX_BODY }), (request, response) => {
    if (!request.is('application/json')) throw badRequest('A replay is sent as application/json.')
    response.json(deps.replay(parseReplay(request.body)))
  })
  app.get('/api/failures', (_, response) => void response.json(deps.failures()))
  app.get('/api/scaling', (_, response) => void response.json(deps.scaling()))
  app.get('/api/traffic', (_, response, next) => {
    deps.traffic().then((report) => response.json(report), next)
  })
  app.post('/api/trace', (request, response, next) => {
    const intent = checkIntent(request.method, request.headers)
    if (!intent.admitted) throw refusal(intent.code, intent.why)
    deps.trace().then((trace) => response.json(trace), next)
  })
  if (deps.cluster) app.use(CLUSTER_DOOR, deps.cluster)
  app.use(['/api', CLUSTER_DOOR], () => {
    throw noSuchPath()
  })
  if (deps.development) app.use(deps.development)
  else serveClient(app, deps.clientDir)
  app.use(answerErrors(deps))
  return app
}

function securityHeaders(isDevelopment: boolean): RequestHandler {
  // Vite's development client is made of inline scripts and styles; the built one is not.
  const inline = isDevelopment ? " 'unsafe-inline'" : ''
  const doorStyle = `'sha256-${sha256(/<style>([^]*)<\/style>/.exec(DOOR_PAGE)?.[1] ?? '')}'`
  const style = isDevelopment ? `'self'${inline}` : `'self' ${doorStyle}`
  return (request, response, next) => {
    response.set({
      'Content-Security-Policy': [
        "default-src 'none'",
        `script-src 'self'${inline}`,
        `style-src ${style}`,
        "img-src 'self' data:",
        "font-src 'self'",
        // Named, because not every browser counts a WebSocket to the same host as 'self'.
        `connect-src 'self' ws://${hostForPolicy(request)}`,
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    })
    next()
  }
}

/** The Host header, if nothing in it could end a directive. */
function hostForPolicy(request: Request): string {
  const host = request.headers.host ?? ''
  return /^[\w.:[\]-]+$/.test(host) ? host : 'localhost'
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

function admitNames({ rules }: HttpDeps): RequestHandler {
  return (request, _, next) => {
    const names = checkNames(request.headers, rules)
    if (names.admitted) next()
    else throw refusal(names.code, names.why)
  }
}

/** Lets in who has the token; `/?token=…` is turned into a cookie at once, so that the address bar does not keep it. */
function admitToken({ rules }: HttpDeps): RequestHandler {
  return (request, response, next) => {
    const { token } = request.query
    if (request.method === 'GET' && request.path === '/' && typeof token === 'string') {
      if (isSameText(token, rules.token)) {
        response.set('Set-Cookie', sessionCookie(rules)).redirect(303, '/')
        return
      }
    } else if (checkToken(request.headers, rules).admitted) {
      next()
      return
    }
    const isPage = request.method === 'GET' && !/^\/(api|k8s)\//.test(request.path)
    if (isPage && request.accepts(['json', 'html']) === 'html') {
      response.status(401).type('html').send(DOOR_PAGE)
    } else throw refusal(401, 'The stage wants its access token.')
  }
}

function refusal(code: 401 | 403, message: string): ApiError {
  const reason = code === 401 ? 'Unauthorized' : 'Forbidden'
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const
  return new ApiError({ ...status, reason, message, code })
}

function serveClient(app: express.Express, clientDir: string): void {
  app.use(
    express.static(clientDir, {
      index: false,
      cacheControl: false,
      setHeaders: (response, file) => {
        response.setHeader('Cache-Control', HASHED.test(file) ? FOR_EVER : 'no-cache')
      },
    }),
  )
  const index = path.join(clientDir, 'index.html')
  // Paths of the client's own are pages of it; a missing file stays missing.
  app.get('/{*page}', (request, response, next) => {
    const isPage = path.extname(request.path) === '' && request.accepts('html')
    if (!isPage || !existsSync(index)) return next()
    response.set('Cache-Control', 'no-cache').sendFile(index)
  })
  app.use(() => {
    throw noSuchPath()
  })
}

/** Every failure is answered as a Kubernetes Status with a message fit for people. */
function answerErrors(deps: HttpDeps) {
  return (error: unknown, _: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) return next(error)
    const { status } = toApiError(error, deps)
    response.status(status.code ?? 500).json(status)
  }
}

function toApiError(error: unknown, { logError }: HttpDeps): ApiError {
  if (error instanceof ApiError) return error
  // body-parser and express mark what the client did wrong with a 4xx status.
  const code = (error as { status?: unknown }).status
  if (code === 413) return tooLarge(`An action is at most ${MAX_BODY} long.`)
  if (typeof code === 'number' && code >= 400 && code < 500) {
    return badRequest(error instanceof Error ? error.message : 'The request is malformed.')
  }
  logError('a request failed', error)
  return internal(error instanceof Error ? error.message : String(error))
}
