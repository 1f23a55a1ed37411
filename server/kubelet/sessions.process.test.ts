// Commands in containers and terminals, with real processes.
import { afterEach, expect, test } from 'vitest'
import { pods } from '../../shared/kubernetes/kinds.ts'
import { isPodReady } from '../../shared/kubernetes/pod.ts'
import type { RemoteProcess } from '../../shared/operation.ts'
import { processesWith } from './runtime/processes.ts'
import type { NodeUnderTest } from './testing/node-under-test.ts'
import { IDLE, script, startNode, textOf, waitFor } from './testing/node-under-test.ts'

let node: NodeUnderTest
afterEach(() => node.close())

const main = { namespace: 'default', pod: 'a', container: 'main', stdin: false, tty: false }
const exec = (command: string[], more = {}): Promise<RemoteProcess> =>
  node.kubelet.exec({ ...main, command, ...more })

async function idle(more = {}): Promise<void> {
  node = await startNode()
  await node.run('a', { containers: [script(IDLE, more)] })
  await node.until('a', isPodReady)
}

test('a command has the environment of its container, its input, and an exit code', async () => {
  await idle({ env: [{ name: 'A', value: 'b' }] })
  const shell = await exec(['sh', '-c', 'cat; echo $A $POD_NAME >&2; exit 7'], { stdin: true })
  await shell.write(Buffer.from('one '))
  await shell.write(Buffer.from('two'))
  shell.endInput()
  const both = await Promise.all([textOf(shell.stdout), textOf(shell.stderr), shell.ended])
  expect(both).toEqual(['one two', 'b a\n', 7])
  const large = await exec(['sh', '-c', 'head -c 3000000 /dev/zero'])
  expect((await textOf(large.stdout)).length).toBe(3_000_000)
  const missing = await exec(['no-such-program'])
  expect(await textOf(missing.stderr)).toContain('executable file not found in $PATH')
  expect(await missing.ended).toBe(127)
})

test('a terminal: its size, its resizing, Ctrl-D', async () => {
  await idle()
  const shell = await exec(['sh'], { stdin: true, tty: true })
  let screen = ''
  const read = (async () => {
    for await (const piece of shell.stdout) screen += Buffer.from(piece).toString()
  })()
  const shows = (text: string): Promise<void> =>
    waitFor(
      () => screen.includes(text),
      () => screen,
    )
  shell.resize({ columns: 101, rows: 33 })
  await shell.write(Buffer.from('stty size; echo $((40+2))\n'))
  await shows('33 101')
  await shows('42')
  await shell.write(Buffer.from('exit 5\n'))
  expect(await shell.ended).toBe(5)
  await read
})

test('nothing is left of a command whose client is gone, nor when its container ends', async () => {
  await idle()
  const left = async (): Promise<number> =>
    (await processesWith(new Set([`PODIUM_CLUSTER=${node.clusterId}`]))).length
  const alone = await left()
  const line = 'setsid sleep 1000 & sleep 1000'
  const gone = await exec(['sh', '-c', line])
  await expect.poll(left).toBe(alone + 3)
  gone.close()
  await expect.poll(left).toBe(alone)
  const other = await exec(['sh', '-c', line])
  await node.client.delete(pods, { namespace: 'default', name: 'a' })
  await node.gone('a')
  await textOf(other.stdout).catch(() => '')
  await expect.poll(left).toBe(0)
})

test('attach writes to the process and sees what it says; stdinOnce ends its input', async () => {
  const code = `process.stdin.on('data',d=>console.log('got '+d)).on('end',()=>{console.log('end');process.exit(4)})`
  node = await startNode()
  const more = { stdin: true, stdinOnce: true }
  await node.run('a', { restartPolicy: 'Never', containers: [script(code, more)] })
  await node.until('a', isPodReady)
  const first = await node.kubelet.attach({ ...main, stdin: true })
  await first.write(Buffer.from('x'))
  first.endInput()
  expect(await textOf(first.stdout)).toBe('got x\nend\n')
  expect(await first.ended).toBe(4)
  await expect(node.kubelet.attach({ ...main })).rejects.toThrow('container not found ("main")')
})

test('who attaches first to a container with an input reads what it said before, nobody else does', async () => {
  const code = `console.log('early');console.error('warned');process.stdin.on('data',d=>console.log('got '+d))`
  node = await startNode()
  await node.run('a', { restartPolicy: 'Never', containers: [script(code, { stdin: true })] })
  const logged = { namespace: 'default', pod: 'a', container: 'main' }
  await node.until('a', isPodReady)
  await expect.poll(() => textOf(node.kubelet.logs(logged))).toContain('early')
  const first = await node.kubelet.attach({ ...main, stdin: true })
  const second = await node.kubelet.attach({ ...main, stdin: true })
  await first.write(Buffer.from('x'))
  for (const [said, words] of [
    [first.stdout, 'early\ngot x\n'],
    [first.stderr, 'warned\n'],
    [second.stdout, 'got x\n'],
  ] as const) {
    let text = ''
    for await (const chunk of said) {
      text += Buffer.from(chunk).toString()
      if (text.length >= words.length) break
    }
    expect(text).toBe(words)
  }
  first.close()
  second.close()
})

test('a container with a terminal', async () => {
  node = await startNode()
  const shell = { name: 'main', image: 'bash', command: ['sh'], stdin: true, tty: true }
  await node.run('a', { restartPolicy: 'Never', containers: [shell] })
  await node.until('a', isPodReady)
  const attached = await node.kubelet.attach({ ...main, stdin: true, tty: true })
  attached.resize({ columns: 90, rows: 20 })
  await attached.write(Buffer.from('stty size; exit\n'))
  expect(await textOf(attached.stdout)).toContain('20 90')
  const log = await textOf(node.kubelet.logs({ namespace: 'default', pod: 'a', container: 'main' }))
  expect(log).toContain('20 90')
})
