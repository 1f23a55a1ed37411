// What people do inside pods, by a current kubectl on a real terminal: exec, attach, run -it.
import { spawn as spawnProcess } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { KubeConfig, PortForward } from '@kubernetes/client-node'
import { spawn } from '@lydell/node-pty'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, processesOf, removeDirectory, run, startProduct } from './podium.ts'
import type { Product } from './podium.ts'
import { kubectlPath } from './tools/kubectl.ts'

let podium: Product
let k: (...args: string[]) => Promise<string>

beforeAll(async () => {
  podium = await startProduct(['--demo', 'none', '--nodes', '1'])
  k = (...args) => podium.kubectlOk(...args)
  await k('run', 'shell', '--image=busybox', '--command', '--', 'sleep', '100000')
  await k('wait', '--for=condition=Ready', 'pod/shell', '--timeout=30s')
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

async function piped(input: string, ...args: string[]) {
  return run(await kubectlPath(), ['--kubeconfig', podium.kubeconfig, ...args], { input })
}

interface Screen {
  text: () => string
  type: (text: string) => void
  resize: (columns: number, rows: number) => void
  /** Waits until the screen shows it. `again` is typed at every look, for what may not be true yet. */
  shows: (text: string | RegExp, again?: string) => Promise<unknown>
  kill: () => void
  ended: Promise<number>
}

/** kubectl on a terminal of 100 by 30. */
async function onTerminal(...args: string[]): Promise<Screen> {
  const all = ['--kubeconfig', podium.kubeconfig, ...args]
  const pty = spawn(await kubectlPath(), all, { cols: 100, rows: 30 })
  let text = ''
  pty.onData((more) => (text += more))
  return {
    text: () => text,
    type: (more) => pty.write(more),
    resize: (columns, rows) => pty.resize(columns, rows),
    shows: (wanted, again) =>
      eventually(
        () => `the screen shows ${String(wanted)}; it showed: ${text}`,
        () => {
          if (again !== undefined) pty.write(again)
          return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
        },
      ),
    kill: () => pty.kill('SIGKILL'),
    ended: new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode))),
  }
}

describe('exec', () => {
  test('output, errors, exit code, piped input', async () => {
    const done = await podium.kubectl(
      'exec',
      'shell',
      '--',
      'sh',
      '-c',
      'echo a; echo b >&2; exit 3',
    )
    expect(done).toMatchObject({ stdout: 'a\n', code: 3 })
    expect(done.stderr).toContain('b\n')
    expect(done.stderr).toContain('command terminated with exit code 3')
    expect(await piped('one\ntwo\n', 'exec', '-i', 'shell', '--', 'cat')).toMatchObject({
      stdout: 'one\ntwo\n',
      code: 0,
    })
    const large = 'x'.repeat(3_000_000)
    const back = await piped(large, 'exec', '-i', 'shell', '--', 'cat')
    expect(back.stdout === large).toBe(true)
  })

  test('errors in the words of Kubernetes', async () => {
    const missing = await podium.kubectl('exec', 'shell', '--', 'no-such-program')
    expect(missing.code).toBe(127)
    expect(missing.stderr).toContain('exec: "no-such-program": executable file not found in $PATH')
    const container = await podium.kubectl('exec', 'shell', '-c', 'nobody', '--', 'true')
    expect(container.stderr).toContain('container nobody is not valid for pod shell')
  })

  test('a terminal that is resized, and leaves nothing when its client is killed', async () => {
    const screen = await onTerminal('exec', '-it', 'shell', '--', 'sh')
    screen.type('echo $((6*7))\n')
    await screen.shows('42')
    // The size travels beside the keys and may be later than they are, as with every cluster.
    await screen.shows('30 100', 'stty size\n')
    screen.resize(70, 20)
    await screen.shows('20 70', 'stty size\n')
    screen.type('exit 9\n')
    expect(await screen.ended).toBe(9)

    const before = processesOf(podium.dataDir).length
    const other = await onTerminal('exec', '-it', 'shell', '--', 'sh')
    other.type('sleep 5000 & echo on$((1+1))\n')
    await other.shows('on2')
    other.kill()
    await other.ended
    await eventually('nothing is left', () => processesOf(podium.dataDir).length === before)
  })
})

describe('attach and run', () => {
  test('a shell of its own, gone afterwards', async () => {
    const line = 'run -i --tty mine --image=busybox --restart=Never --rm -- sh'
    const screen = await onTerminal(...line.split(' '))
    await screen.shows('press')
    screen.type('\n')
    screen.type('echo $POD_NAME $((6*7))\n')
    await screen.shows('mine 42')
    screen.type('exit\n')
    expect(await screen.ended).toBe(0)
    await screen.shows('pod "mine" deleted')
  })

  test('input from a pipe', async () => {
    const args = ['run', '-i', 'sums', '--image=busybox', '--restart=Never', '--rm', '-q']
    const done = await piped('1\n2\n', ...args, '--', 'sh', '-c', 'cat; echo end')
    expect(done.stdout).toContain('1\n2\nend\n')
  })

  test('attaches to what already runs', async () => {
    await k('run', 'waits', '--image=busybox', '-i', '--tty', '--attach=false', '--', 'sh')
    await k('wait', '--for=condition=Ready', 'pod/waits', '--timeout=30s')
    const screen = await onTerminal('attach', '-it', 'waits')
    screen.type('\necho at$((1+1)); stty size\n')
    await screen.shows('at2')
    await screen.shows('30 100')
    screen.kill()
    expect(await k('logs', 'waits')).toContain('at2')
    expect(await k('get', 'pod', 'waits', '-o', 'jsonpath={.status.phase}')).toBe('Running')
  })
})

describe('copying and debugging', () => {
  test('cp, both ways, files and folders, inside the container only', async () => {
    const folder = path.join(podium.dataDir, 'copied')
    mkdirSync(path.join(folder, 'deep'), { recursive: true })
    writeFileSync(path.join(folder, 'deep/a'), 'from outside')
    const name = `podium-cp-${process.pid}`
    await k('cp', folder, `shell:/tmp/${name}`)
    expect(existsSync(`/tmp/${name}`)).toBe(false)
    expect(await k('exec', 'shell', '--', 'cat', `tmp/${name}/deep/a`)).toBe('from outside')
    await k('exec', 'shell', '--', 'sh', '-c', `echo inside > $PODIUM_ROOT/tmp/${name}/b`)
    const back = path.join(podium.dataDir, 'back')
    await k('cp', `shell:/tmp/${name}`, back)
    expect(readFileSync(path.join(back, 'b'), 'utf8')).toBe('inside\n')
    expect(readFileSync(path.join(back, 'deep/a'), 'utf8')).toBe('from outside')
    await k('cp', `shell:/tmp/${name}/b`, `${back}-b`)
    expect(readFileSync(`${back}-b`, 'utf8')).toBe('inside\n')
  })

  test('debug in the pod itself', async () => {
    const line = 'debug shell -it --image=busybox --target=shell --container=looks -- sh'
    const screen = await onTerminal(...line.split(' '))
    screen.type('\necho in $POD_NAME $((6*7))\n')
    await screen.shows('in shell 42')
    screen.type('exit 3\n')
    await screen.ended
    const status = '{.status.ephemeralContainerStatuses[0].state.terminated.exitCode}'
    await eventually('its end is told', async () => {
      return (await k('get', 'pod', 'shell', '-o', `jsonpath=${status}`)) === '3'
    })
    expect(await k('get', 'pod', 'shell', '--no-headers')).toMatch(/1\/1\s+Running\s+0/)
    const removal = JSON.stringify({ spec: { ephemeralContainers: [] } })
    const args = ['patch', 'pod', 'shell', '--subresource=ephemeralcontainers', '--type=merge']
    const refused = await podium.kubectl(...args, '-p', removal)
    expect(refused.stderr).toContain('may not be removed')
  })

  test('debug with a copy of the pod', async () => {
    const line = 'debug shell -it --image=busybox --copy-to=copied --container=look -- sh'
    const screen = await onTerminal(...line.split(' '))
    screen.type('\necho in $POD_NAME $((6*7))\n')
    await screen.shows('in copied 42')
    screen.type('exit\n')
    expect(await screen.ended).toBe(0)
  })
})

describe('logs', () => {
  test('all the ways to ask for them', async () => {
    const pod = `
apiVersion: v1
kind: Pod
metadata: {name: talks}
spec:
  terminationGracePeriodSeconds: 1
  initContainers:
  - {name: first, image: busybox, command: [sh, -c, echo from init]}
  containers:
  - name: main
    image: busybox
    command: [sh, -c, 'echo one; echo two; echo three; if [ ! -e $PODIUM_ROOT/kept/again ]; then touch $PODIUM_ROOT/kept/again; exit 1; fi; echo second; sleep 100000']
    volumeMounts: [{name: kept, mountPath: /kept}]
  - {name: side, image: busybox, command: [sh, -c, 'trap "" TERM; echo aside; sleep 100000']}
  volumes: [{name: kept, emptyDir: {}}]
`
    const file = path.join(podium.dataDir, 'talks.yaml')
    writeFileSync(file, pod)
    await k('apply', '-f', file)
    await eventually('the second run', async () =>
      (await podium.kubectl('logs', 'talks', '-c', 'main')).stdout.includes('second'),
    )
    const logs = (...args: string[]): Promise<string> => k('logs', 'talks', ...args)
    expect(await logs('-c', 'first')).toBe('from init\n')
    expect(await logs('-c', 'main', '--previous')).toBe('one\ntwo\nthree\n')
    expect(await logs('-c', 'main', '--tail=2')).toBe('three\nsecond\n')
    expect(await logs('-c', 'main', '--limit-bytes=5')).toBe('one\nt')
    expect(await logs('-c', 'main', '--since=1h')).toContain('second')
    expect(await logs('-c', 'main', '--since-time=2100-01-01T00:00:00Z')).toBe('')
    expect(await logs('-c', 'main', '--timestamps', '--tail=1')).toMatch(/^\d{4}-\S+Z second\n$/)
    const all = await logs('--all-containers', '--prefix')
    for (const line of ['[pod/talks/first] from init', '[pod/talks/side] aside']) {
      expect(all).toContain(line)
    }
    const following = logs('-c', 'side', '-f')
    await k('delete', 'pod', 'talks', '--wait=false')
    expect(await following).toBe('aside\n')
  })
})

describe('port-forward', () => {
  beforeAll(async () => {
    await k('run', 'web', '--image=podium/web:v1')
    await k('wait', '--for=condition=Ready', 'pod/web', '--timeout=30s')
  })

  test('many connections over one, and a port where nobody listens', async () => {
    const args = ['--kubeconfig', podium.kubeconfig, 'port-forward', 'pod/web', ':80', ':81']
    const forward = spawnProcess(await kubectlPath(), args)
    let said = ''
    for (const stream of [forward.stdout, forward.stderr]) {
      stream.on('data', (more) => (said += String(more)))
    }
    const port = (to: number): Promise<string> =>
      eventually(`a port for ${to}`, () => new RegExp(`127.0.0.1:(\\d+) -> ${to}`).exec(said)?.[1])
    const url = `http://127.0.0.1:${await port(80)}/`
    const pages = await Promise.all(
      Array.from({ length: 30 }, async () => (await fetch(url)).headers.get('x-pod')),
    )
    expect(pages).toEqual(Array.from({ length: 30 }, () => 'web'))
    await expect(fetch(`http://127.0.0.1:${await port(81)}/`)).rejects.toThrow('fetch failed')
    await eventually('the reason', () => said.includes('connect: connection refused'))
    forward.kill()
  })

  test('the client library, over the channels of a WebSocket', async () => {
    const config = new KubeConfig()
    config.loadFromFile(podium.kubeconfig)
    const [output, input] = [new PassThrough(), new PassThrough()]
    const forward = new PortForward(config)
    const socket = await forward.portForward('default', 'web', [80], output, null, input)
    input.write('GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n')
    let text = ''
    output.on('data', (more) => (text += String(more)))
    await eventually(
      'an answer',
      () => text.includes('HTTP/1.1 200') && text.includes('X-Pod: web'),
    )
    if (typeof socket !== 'function') socket.close()
  })
})
