// Containers with file systems of their own, where this machine lets us make them.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configMaps, pods } from '../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { openFileSystems } from './runtime/file-systems.ts'
import { findHostPrograms } from './runtime/host-programs.ts'
import type { NodeUnderTest } from './testing/node-under-test.ts'
import { IDLE, script, startNode, textOf } from './testing/node-under-test.ts'

const shared = await mkdtemp(path.join(os.tmpdir(), 'podium-files-'))
const choice = await openFileSystems({
  dataDir: shared,
  programsDir: path.resolve('dist/server'),
  host: findHostPrograms(),
})
const clusterDns = { address: '127.200.0.10', port: 53 }

describe.skipIf(!choice.fileSystems)('a container with a file system of its own', () => {
  let node: NodeUnderTest
  beforeAll(async () => {
    node = await startNode({ fileSystems: choice.fileSystems, clusterDns })
  })
  afterAll(async () => {
    await node.close()
    await rm(shared, { recursive: true })
  })

  const sh = (text: string) => ({ name: 'main', image: 'busybox', command: ['sh', '-c', text] })
  const ended = (pod: Pod): boolean => pod.status?.phase === 'Succeeded'
  const output = (pod: string): Promise<string> =>
    textOf(node.kubelet.logs({ namespace: 'default', pod, container: 'main' }))

  test('finds its volumes where it mounts them, also below one another and over links', async () => {
    await node.client.create(configMaps, {
      metadata: { name: 'page', namespace: 'default' },
      data: { 'index.html': 'hello', 'run.sh': '#!/bin/sh\necho ran from a volume\n' },
    })
    await node.run('mounts', {
      restartPolicy: 'Never',
      volumes: [
        { name: 'page', configMap: { name: 'page', defaultMode: 0o755 } },
        { name: 'work', emptyDir: {} },
      ],
      containers: [
        {
          ...sh(
            'pwd; cat /srv/work/page/index.html /var/run/page/index.html; echo; /srv/work/page/run.sh; echo > /var/run/page/x || echo read-only; cat /etc/only-this',
          ),
          workingDir: '/srv/work/deep',
          volumeMounts: [
            { name: 'page', mountPath: '/srv/work/page' },
            { name: 'work', mountPath: '/srv/work' },
            { name: 'page', mountPath: '/var/run/page', readOnly: true },
            { name: 'page', mountPath: '/etc/only-this', subPath: 'index.html' },
          ],
        },
      ],
    })
    await node.until('mounts', ended)
    const text = await output('mounts')
    expect(text).toContain('/srv/work/deep\nhellohello\nran from a volume\n')
    expect(text).toContain('read-only')
    expect(text).toMatch(/hello$/)
  })

  test('has every variable Kubernetes allows, also those no shell knows', async () => {
    await node.run('variables', {
      restartPolicy: 'Never',
      containers: [
        {
          ...sh(''),
          command: ['cat', '/proc/self/environ'],
          env: [{ name: 'my.own-name', value: 'a b $c "d"' }],
        },
      ],
    })
    await node.until('variables', ended)
    expect((await output('variables')).split('\0')).toContain('my.own-name=a b $c "d"')
  })

  test('runs a program out of a volume, and says when there is none', async () => {
    const mounted = {
      volumes: [{ name: 'page', configMap: { name: 'page', defaultMode: 0o755 } }],
      restartPolicy: 'Never' as const,
    }
    const volumeMounts = [{ name: 'page', mountPath: '/scripts' }]
    const base = { name: 'main', image: 'busybox', volumeMounts }
    await node.run('program', {
      ...mounted,
      containers: [{ ...base, command: ['/scripts/run.sh'] }],
    })
    await node.run('missing', {
      ...mounted,
      containers: [{ ...base, command: ['/scripts/none.sh'] }],
    })
    await node.until('program', ended)
    expect(await output('program')).toBe('ran from a volume\n')
    const failed = await node.until('missing', (pod) => pod.status?.phase === 'Failed')
    expect(failed.status?.containerStatuses?.[0]?.state?.terminated?.message).toContain(
      'exec: "/scripts/none.sh": stat /scripts/none.sh: no such file or directory',
    )
  })

  test('has its own name, /tmp and devices, and leaves nothing on the machine', async () => {
    const file = `/etc/podium-${Date.now()}`
    await node.run('own', {
      restartPolicy: 'Never',
      subdomain: 'set',
      containers: [
        sh(
          `hostname; cat /etc/hosts /etc/resolv.conf; ls -A /tmp; echo mine > ${file}; head -c 4 /dev/zero | wc -c; echo "$PODIUM_ROOT"; echo bye > $PODIUM_TERMINATION_LOG`,
        ),
      ],
    })
    const pod = await node.until('own', ended)
    const text = await output('own')
    expect(text).toMatch(/^own\n/)
    expect(text).toContain(
      `${pod.status?.podIP}\town.set.default.svc.cluster.local\town\nsearch default.svc.cluster.local svc.cluster.local cluster.local`,
    )
    expect(text).toContain('nameserver 127.200.0.10\noptions ndots:5\n')
    expect(text).toMatch(/\n4\n\/\n$/)
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated?.message).toBe('bye\n')
    expect(existsSync(file)).toBe(false)
    expect(await readFile('/etc/hostname', 'utf8')).not.toBe('own\n')
  })

  test('is what a command beside it sees, also when it comes at once', async () => {
    await node.run('joined', {
      containers: [
        script(IDLE, {
          lifecycle: { postStart: { exec: { command: ['sh', '-c', 'hostname > /tmp/early'] } } },
        }),
      ],
    })
    await node.until('joined', ({ status }) => status?.phase === 'Running')
    const request = { namespace: 'default', pod: 'joined', container: 'main' }
    const asked = await node.kubelet.exec({
      ...request,
      command: ['sh', '-c', 'cat /tmp/early; hostname'],
      stdin: false,
      tty: false,
    })
    expect(await textOf(asked.stdout)).toBe('joined\njoined\n')
    const merged = path.join(node.dataDir, 'nodes')
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(merged)
    await node.client.delete(pods, { namespace: 'default', name: 'joined' })
    await node.gone('joined')
  })

  test('begins anew with each start', async () => {
    await node.run('again', {
      volumes: [{ name: 'kept', emptyDir: {} }],
      containers: [
        {
          ...sh(
            'ls /tmp; if [ -e /kept/once ]; then exec sleep 1000; fi; touch /kept/once /tmp/x; exit 1',
          ),
          volumeMounts: [{ name: 'kept', mountPath: '/kept' }],
        },
      ],
    })
    await node.until('again', ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1)
    expect(await output('again')).not.toContain('x')
  })
})
