import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { RoutingTable } from '../routing-table.ts'
import { makeOwnCertificate } from '../own-certificate.ts'
import { fingerprintOf, haproxyFiles } from './configuration.ts'
import { createHaproxy } from './haproxy.ts'
import { statisticsIn } from './statistics.ts'
import { Tally } from './tally.ts'

const rule = (host: string, asked: string, type: 'Exact' | 'Prefix') =>
  ({ host, path: asked, type, backend: 'default/web:80', ingress: 'default/a' }) as const

const table: RoutingTable = {
  rules: [
    rule('a.com', '/x', 'Exact'),
    rule('*.b.com', '/foo/', 'Prefix'),
    rule('', '/quo"te\'s #$ \\\nuse_backend evil', 'Prefix'),
    rule('', '/', 'Prefix'),
  ],
  backends: {
    'default/web:80': { targets: [{ ip: '127.200.0.1', port: 80 }] },
    'default/gone:80': { targets: [], broken: 'service "default/gone" not found' },
  },
  certificates: [],
  withoutCertificate: ['c.com'],
}

it('spells rules in order, and escapes what users wrote', () => {
  const text = haproxyFiles(table)['haproxy.cfg'] ?? ''
  const lines = text.split('\n').filter((line) => /use_backend/.test(line))
  expect(lines).toEqual([
    '  use_backend to.default_web:80 if { var(txn.host) -m str a.com } { path -m str -- /x }',
    '  use_backend to.default_web:80 if { var(txn.host) -m reg ^[^.]+\\\\.b\\\\.com\\$ } { path -m str -- /foo }',
    '  use_backend to.default_web:80 if { var(txn.host) -m reg ^[^.]+\\\\.b\\\\.com\\$ } { path -m beg -- /foo/ }',
    '  use_backend to.default_web:80 if { path -m str -- /quo\\"te\\\'s%20\\#\\$%20\\\\%0Ause_backend%20evil }',
    '  use_backend to.default_web:80 if { path -m beg -- /quo\\"te\\\'s%20\\#\\$%20\\\\%0Ause_backend%20evil/ }',
    '  use_backend to.default_web:80',
  ])
  expect(text).toContain('backend to.default_gone:80\n  http-request return status 503')
})

const installed = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  .map((folder) => path.join(folder, 'haproxy'))
  .find((file) => existsSync(file))

it.skipIf(!installed)('is what HAProxy itself finds valid, and it names what is not', async () => {
  const haproxy = createHaproxy(installed)
  const certificates = [await makeOwnCertificate(Date.now())]
  const files = await haproxy.files({ ...table, certificates })
  expect(Object.keys(files).sort()).toEqual(['0.pem', 'certificates.list', 'haproxy.cfg'])
  const bad = [{ hosts: [], cert: 'none', key: 'none' }]
  await expect(haproxy.files({ ...table, certificates: bad })).rejects.toThrow(/haproxy -c: .*pem/s)
})

it('says why it cannot serve where it is not installed', () => {
  expect(createHaproxy(undefined).unavailable).toMatch(/HAProxy is not installed/)
})

const said = (pid: number, requests: number, failed: number): string =>
  `Name: HAProxy\nPid: ${pid}\ndescription: 0123456789abcdef\n\n# pxname,svname,hrsp_5xx,req_tot,\n` +
  `in,FRONTEND,0,9,\nto.a_b:80,s1,1,,\nto.a_b:80,BACKEND,${failed},${requests},\nnot-found,BACKEND,0,1,\n\n`

it('reads what HAProxy has counted, by the names of the routing table', () => {
  const backends = { 'a/b:80': { requests: 7, failed: 2 } }
  const fingerprint = '0123456789abcdef'
  expect(statisticsIn(said(1, 7, 2))).toEqual({ pid: '1', fingerprint, backends })
  expect(() => statisticsIn('Unknown command')).toThrow(/said nothing/)
})

it('counts on over reloads', () => {
  const tally = new Tally()
  for (const text of [said(1, 7, 2), said(1, 9, 2), said(2, 0, 0), said(2, 3, 1)]) {
    tally.take(statisticsIn(text))
  }
  expect(tally.counts()).toEqual({ 'a/b:80': { requests: 12, failed: 3 } })
})

it('each configuration bears a fingerprint of all that belongs to it', () => {
  const of = (certificates: RoutingTable['certificates']): string | undefined =>
    fingerprintOf(haproxyFiles({ ...table, certificates })['haproxy.cfg'] ?? '')
  expect(of([])).toMatch(/^[0-9a-f]{16}$/)
  expect(of([])).toBe(of([]))
  expect(of([{ hosts: ['a'], cert: 'one', key: 'k' }])).not.toBe(
    of([{ hosts: ['a'], cert: 'two', key: 'k' }]),
  )
})
