import { describe, expect, test } from 'vitest'
import { commandLine, findProgram } from './images.ts'
import { nginxConfiguration } from './nginx.ts'
import { parseStat } from './processes.ts'
import { addUpUsage } from './usage.ts'

const bare = {
  programsDir: '/programs',
  host: { nginx: undefined, busybox: undefined, perl: undefined },
}
const rich = {
  programsDir: '/programs',
  host: { nginx: '/usr/sbin/nginx', busybox: '/bin/busybox', perl: '/usr/bin/perl' },
}

function line(
  image: string,
  options: typeof bare | typeof rich,
  container = {},
): readonly string[] {
  const found = findProgram(image, options)
  if ('missing' in found) throw new Error(found.missing)
  return commandLine(found.program, container, '/scratch')
}

describe('the catalogue', () => {
  test.each([
    ['podium/web:v1', 'web.js'],
    ['podium/loadbot:v1', 'loadbot.js'],
    ['podium/aggregator:v1', 'aggregator.js'],
    ['k8s.gcr.io/nginx-scale:0.2', 'web.js'],
    ['k8s.gcr.io/loader:0.1', 'loadbot.js'],
    ['k8s.gcr.io/aggregator:0.1', 'aggregator.js'],
    ['nginx:v1', 'web.js'],
    ['docker.io/library/nginx', 'web.js'],
  ])('%s is %s', (image, file) => {
    const [program, ...rest] = line(image, bare)
    expect(program).toBe(process.execPath)
    expect(rest.at(-1)).toBe(`/programs/${file}`)
  })

  test('nginx is the real one where there is one, except for the bad release', () => {
    expect(line('nginx:v1', rich)[0]).toBe('/usr/sbin/nginx')
    expect(line('nginx:v1', rich)).toContain('/scratch/nginx.conf')
    expect(line('nginx:v3', rich).at(-1)).toBe('/programs/web.js')
    const found = findProgram('nginx:v1', rich)
    expect('program' in found && found.program.stopSignal).toBe('SIGQUIT')
  })

  test('command and args replace what the image says, as in Kubernetes', () => {
    expect(line('node:20', bare, { args: ['a.js'] })).toEqual([process.execPath, 'a.js'])
    expect(line('node:20', bare, { command: ['node', 'a.js'] })).toEqual(['node', 'a.js'])
    expect(line('debian', bare, { command: ['ls'], args: ['-l'] })).toEqual(['ls', '-l'])
    expect(line('alpine', bare)).toEqual(['sh'])
    expect(line('busybox', bare, { args: ['echo', 'x'] })).toEqual(['echo', 'x'])
  })

  test('busybox runs its own commands where it is installed', () => {
    expect(line('busybox', rich, { command: ['/bin/sh', '-c', 'x'] })).toEqual([
      '/bin/busybox',
      'sh',
      '-c',
      'x',
    ])
  })

  test('what is not in it is named, with what is', () => {
    const found = findProgram('redis:7', bare)
    expect('missing' in found && found.missing).toMatch(/"redis:7" is not in .* nginx, podium\/web/)
  })
})

test("nginx's configuration binds the pod's address and cannot be broken by names", () => {
  const text = nginxConfiguration(
    { POD_IP: '127.64.0.5', POD_NAME: 'a";evil', PODIUM_IMAGE: 'nginx:v2' },
    '/s',
  )
  expect(text).toContain('listen 127.64.0.5:80;')
  expect(text).toContain('add_header X-Version "v2" always;')
  expect(text).toContain('add_header X-Pod "a;evil" always;')
})

test('use is added up by session, and by ancestry for those who left it', () => {
  const row = (pid: number, parent: number, session: number) => ({
    pid,
    parent,
    session,
    cpuSeconds: 1,
    memoryBytes: 10,
  })
  const rows = [row(5, 1, 5), row(6, 5, 5), row(7, 6, 7), row(8, 1, 8)]
  expect(addUpUsage(rows, new Map([['c', 5]]), () => 7)).toEqual(
    new Map([['c', { cpuSeconds: 3, memoryBytes: 21, residentBytes: 30, processes: 3 }]]),
  )
})

test('a process name may hold anything', () => {
  const text = '42 (a) b) R 1 42 42 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 100 0 3 0'
  expect(parseStat(text)).toMatchObject({ pid: 42, parent: 1, session: 42, cpuSeconds: 2 })
})

test('perl is the one of the machine; without one the image says what is missing', () => {
  expect(line('perl:5.34.0', rich, { command: ['perl', '-e', '1'] })).toEqual([
    '/usr/bin/perl',
    '-e',
    '1',
  ])
  expect(line('perl', rich, { command: ['perl', '-Mbignum=bpi', '-e', '1'] })).toContain(
    '-MPodiumBpi',
  )
  expect(findProgram('perl:5.34.0', bare)).toEqual({
    missing:
      '"perl:5.34.0" needs perl, and there is no perl on this machine (Debian and Ubuntu: apt install perl)',
  })
})
