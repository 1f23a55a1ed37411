import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { RoutingTable } from '../routing-table.ts'
import { makeOwnCertificate } from '../own-certificate.ts'
import { haproxyFiles } from './configuration.ts'
import { createHaproxy } from './haproxy.ts'
import { countsIn } from './statistics.ts'

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

it('reads what HAProxy has counted', () => {
  const text = '# pxname,svname,hrsp_5xx,req_tot,\nin,FRONTEND,0,9,\nb,s1,1,,\nb,BACKEND,2,7,\n'
  expect(countsIn(text)).toEqual({ b: { requests: 7, failed: 2 } })
})
