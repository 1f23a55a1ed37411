// Who may come in: known names of this machine, pages of the stage itself, and whoever has the token. Pure.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

export interface AccessRules {
  token: string
  /** The address the stage is bound to. */
  host: string
  port: number
}

export type Admission = { admitted: true } | { admitted: false; code: 401 | 403; why: string }

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]']
const EVERY_ADDRESS = ['0.0.0.0', '::']

/**
 * Refuses requests addressed to a foreign name (a page elsewhere can make its own name resolve to this machine) and
 * requests sent by pages of another origin.
 */
export function checkNames(headers: IncomingHttpHeaders, rules: AccessRules): Admission {
  const { host, origin } = headers
  if (!isKnownHost(hostnameOf(host ?? ''), rules)) {
    return { admitted: false, code: 403, why: `The stage does not answer to the name ${host}.` }
  }
  if (origin !== undefined && hostOf(origin) !== host) {
    return { admitted: false, code: 403, why: `Pages of ${origin} may not speak to the stage.` }
  }
  return { admitted: true }
}

/** Demands the token: as bearer from scripts, as cookie from browsers. */
export function checkToken(headers: IncomingHttpHeaders, rules: AccessRules): Admission {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  const given = bearer ?? cookieOf(headers.cookie, cookieName(rules))
  if (given !== undefined && isSameText(given, rules.token)) return { admitted: true }
  return { admitted: false, code: 401, why: 'The stage wants its access token.' }
}

/**
 * Refuses what a page elsewhere can make a browser send along with the stage's cookie: browsers tell where a request
 * comes from (Sec-Fetch-Site, also from other ports of this machine, which a strict cookie does not tell apart), and
 * name the page's origin with everything that changes something.
 */
export function checkIntent(method: string, headers: IncomingHttpHeaders): Admission {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return {
      admitted: false,
      code: 403,
      why: 'Pages of another origin may not speak to the stage.',
    }
  }
  const isReading = method === 'GET' || method === 'HEAD'
  if (isReading || headers.authorization !== undefined || headers.origin !== undefined) {
    return { admitted: true }
  }
  return { admitted: false, code: 403, why: 'A change that comes with a cookie names its origin.' }
}

/** Both checks, as a WebSocket handshake has to pass them. */
export function checkAll(headers: IncomingHttpHeaders, rules: AccessRules): Admission {
  const names = checkNames(headers, rules)
  return names.admitted ? checkToken(headers, rules) : names
}

/** Compared in constant time, whatever the lengths. */
export function isSameText(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

/** Cookies do not know ports: two stages on one machine need two names. */
export function cookieName({ port }: AccessRules): string {
  return `podium-stage-${port}`
}

/** The Set-Cookie that lets a browser in: unreadable by scripts, never sent along by other sites. */
export function sessionCookie(rules: AccessRules): string {
  const value = encodeURIComponent(rules.token)
  return `${cookieName(rules)}=${value}; Path=/; HttpOnly; SameSite=Strict`
}

function isKnownHost(hostname: string, rules: AccessRules): boolean {
  const bound = isIP(rules.host) === 6 ? `[${rules.host}]` : rules.host
  if (LOCAL_NAMES.includes(hostname) || hostname === bound.toLowerCase()) return true
  // Bound to all addresses it is reached by any of them; only names can be made to point here.
  return EVERY_ADDRESS.includes(rules.host) && isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0
}

/** `localhost:8080` → `localhost`, `[::1]:8080` → `[::1]`. */
function hostnameOf(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '')
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [key, ...rest] = pair.trim().split('=')
    if (key !== name) continue
    try {
      return decodeURIComponent(rest.join('='))
    } catch {
      return undefined
    }
  }
  return undefined
}
