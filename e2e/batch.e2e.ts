// Jobs and CronJobs, as kubectl sees them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product
let k: (...args: string[]) => Promise<string>

beforeAll(async () => {
  podium = await startProduct(['--demo', 'none', '--nodes', '2'])
  k = (...args) => podium.kubectlOk(...args)
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

const waitFor = (job: string, condition = 'complete') =>
  k('wait', `--for=condition=${condition}`, `job/${job}`, '--timeout=40s')

const status = async (job: string) =>
  JSON.parse(await k('get', 'job', job, '-o', 'json')).status as Record<string, unknown>

describe('a Job', () => {
  test('is made, waited for, read and described', async () => {
    await k('create', 'job', 'hello', '--image=busybox', '--', 'echo', 'hello from a job')
    await waitFor('hello')
    expect(await k('logs', 'job/hello')).toBe('hello from a job\n')
    expect(await k('get', 'jobs', 'hello')).toMatch(
      /NAME\s+STATUS\s+COMPLETIONS\s+DURATION\s+AGE\nhello\s+Complete\s+1\/1\s+\d+s\s+\d+s\n/,
    )
    const described = await k('describe', 'job', 'hello')
    expect(described).toContain('1 Succeeded / 0 Failed')
    expect(described).toMatch(/SuccessfulCreate.*Created pod: hello-/)
    await eventually('the last event', async () =>
      /Completed.*Job completed/.test(await k('describe', 'job', 'hello')),
    )
    expect(await k('explain', 'job.spec.podFailurePolicy.rules')).toContain('onExitCodes')
    await k('delete', 'job', 'hello')
    await eventually(
      'its pods go with it',
      async () => (await k('get', 'pods', '-l', 'job-name=hello', '-o', 'name')) === '',
    )
  })

  test('with indexes gives each pod its own, and counts them by name', async () => {
    const file = podium.manifest(
      'indexed',
      `
apiVersion: batch/v1
kind: Job
metadata: {name: 'indexed-job'}
spec:
  completions: 5
  parallelism: 3
  completionMode: Indexed
  template:
    spec:
      restartPolicy: Never
      initContainers:
      - name: 'input'
        image: 'docker.io/library/bash'
        command: ["bash", "-c", "items=(foo bar baz qux xyz); echo \${items[$JOB_COMPLETION_INDEX]} > input/data.txt"]
        volumeMounts: [{mountPath: /input, name: input}]
      containers:
      - name: 'worker'
        image: 'docker.io/library/busybox'
        command: ["rev", "input/data.txt"]
        volumeMounts: [{mountPath: /input, name: input}]
      volumes: [{name: input, emptyDir: {}}]
`,
    )
    await k('apply', '-f', file)
    await waitFor('indexed-job')
    expect(await status('indexed-job')).toMatchObject({ succeeded: 5, completedIndexes: '0-4' })
    const third = ['-l', 'batch.kubernetes.io/job-completion-index=3']
    expect(await k('logs', ...third)).toBe('xuq\n')
    const [pod] = JSON.parse(await k('get', 'pods', ...third, '-o', 'json')).items
    expect(pod.spec.hostname).toBe('indexed-job-3')
  })

  test('that fails says why, by exit code, at once', async () => {
    const file = podium.manifest(
      'failing',
      `
apiVersion: batch/v1
kind: Job
metadata: {name: failing}
spec:
  completions: 3
  parallelism: 1
  backoffLimit: 6
  podFailurePolicy:
    rules:
    - action: FailJob
      onExitCodes: {containerName: main, operator: In, values: [42]}
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: busybox, command: [sh, -c, exit 42]}]
`,
    )
    await k('apply', '-f', file)
    await waitFor('failing', 'failed')
    expect(await k('get', 'job', 'failing', '--no-headers')).toMatch(/^failing\s+Failed\s+0\/3/)
    const { failed, conditions } = (await status('failing')) as {
      failed: number
      conditions: { type: string; reason: string; message: string }[]
    }
    expect(failed).toBe(1)
    expect(conditions.map(({ type }) => type)).toEqual(['FailureTarget', 'Failed'])
    expect(conditions[1]?.reason).toBe('PodFailurePolicy')
    expect(conditions[1]?.message).toMatch(
      /^Container main for pod default\/failing-\w+ failed with exit code 42 matching FailJob rule at index 0$/,
    )
  })

  test('is suspended and resumed, and goes when its time is over', async () => {
    const file = podium.manifest(
      'sleeper',
      `
apiVersion: batch/v1
kind: Job
metadata: {name: sleeper}
spec:
  suspend: true
  ttlSecondsAfterFinished: 0
  template:
    spec:
      restartPolicy: OnFailure
      containers: [{name: main, image: busybox, command: [sh, -c, sleep 1]}]
`,
    )
    await k('apply', '-f', file)
    await waitFor('sleeper', 'Suspended')
    expect(await k('get', 'job', 'sleeper', '--no-headers')).toMatch(/Suspended\s+0\/1/)
    expect(await k('get', 'pods', '-l', 'job-name=sleeper', '-o', 'name')).toBe('')
    await k('patch', 'job/sleeper', '-p', '{"spec":{"suspend":false}}')
    await k('wait', '--for=delete', 'job/sleeper', '--timeout=40s')
  })

  test('is refused in Kubernetes’ words', async () => {
    const { stderr } = await podium.kubectl(
      'create',
      'job',
      'x',
      '--image=busybox',
      '--dry-run=server',
      '-o',
      'yaml',
    )
    expect(stderr).toBe('')
    const always = podium.manifest(
      'always',
      `
apiVersion: batch/v1
kind: Job
metadata: {name: always}
spec:
  template:
    spec:
      containers: [{name: main, image: busybox}]
`,
    )
    const refused = await podium.kubectl('apply', '-f', always)
    expect(refused.stderr).toContain(
      'The Job "always" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    )
    const changed = await podium.kubectl(
      'patch',
      'job',
      'failing',
      '-p',
      '{"spec":{"completions":4}}',
    )
    expect(changed.stderr).toContain('spec.completions: Invalid value: 4: field is immutable')
  })
})

test('a CronJob runs by the clock, and by hand', async () => {
  await k(
    'create',
    'cronjob',
    'tick',
    '--image=busybox',
    '--schedule=* * * * *',
    '--',
    'echo',
    'hi',
  )
  expect(await k('get', 'cronjobs')).toMatch(
    /NAME\s+SCHEDULE\s+TIMEZONE\s+SUSPEND\s+ACTIVE\s+LAST SCHEDULE\s+AGE\ntick\s+\* \* \* \* \*\s+<none>\s+False\s+0\s+/,
  )
  await k('create', 'job', 'by-hand', '--from=cronjob/tick')
  await waitFor('by-hand')
  expect(await k('logs', 'job/by-hand')).toBe('hi\n')
  const bad = await podium.kubectl(
    'create',
    'cronjob',
    'bad',
    '--image=busybox',
    '--schedule=* * *',
  )
  expect(bad.stderr).toContain('spec.schedule: Invalid value: "* * *": expected exactly 5 fields')
  // As after a night without a cluster: the last of the times that were missed is made up for.
  const yesterday = JSON.stringify({ status: { lastScheduleTime: '2020-01-01T00:00:00Z' } })
  await k('patch', 'cronjob', 'tick', '--subresource=status', '--type=merge', '-p', yesterday)
  await eventually(
    'its time comes',
    async () => JSON.parse(await k('get', 'cj', 'tick', '-o', 'json')).status.lastSuccessfulTime,
  )
  expect(await k('describe', 'cronjob', 'tick')).toMatch(/SawCompletedJob.*condition: Complete/)
})

describe('the walkthroughs of the documentation', () => {
  test('Job pi', async () => {
    const file = podium.manifest(
      'pi',
      `
apiVersion: batch/v1
kind: Job
metadata:
  name: pi
spec:
  template:
    spec:
      containers:
      - name: pi
        image: perl:5.34.0
        command: ["perl",  "-Mbignum=bpi", "-wle", "print bpi(2000)"]
      restartPolicy: Never
  backoffLimit: 4
`,
    )
    await k('apply', '-f', file)
    // Two thousand digits take five seconds of a whole processor.
    await k('wait', '--for=condition=complete', 'job/pi', '--timeout=110s')
    const digits = (await k('logs', 'jobs/pi')).trim()
    expect(digits).toMatch(/^3\.14159265358979323846264338327950288/)
    expect(digits).toHaveLength(2001)
  })

  test('parallel processing using expansions', async () => {
    const items = ['apple', 'banana', 'cherry'].map((item) =>
      `
apiVersion: batch/v1
kind: Job
metadata:
  name: process-item-$ITEM
  labels:
    jobgroup: jobexample
spec:
  template:
    metadata:
      name: jobexample
      labels:
        jobgroup: jobexample
    spec:
      containers:
      - name: c
        image: busybox:1.28
        command: ["sh", "-c", "echo Processing item $ITEM && sleep 1"]
      restartPolicy: Never
`.replaceAll('$ITEM', item),
    )
    await k('create', '-f', podium.manifest('jobs', items.join('---')))
    await k('wait', '--for=condition=complete', 'job', '-l', 'jobgroup=jobexample', '--timeout=40s')
    expect(await k('get', 'jobs', '-l', 'jobgroup=jobexample')).toMatch(
      /process-item-apple\s+Complete\s+1\/1[^]*process-item-banana[^]*process-item-cherry/,
    )
    const logs = await k('logs', '-f', '-l', 'jobgroup=jobexample')
    expect(logs.trim().split('\n').sort()).toEqual([
      'Processing item apple',
      'Processing item banana',
      'Processing item cherry',
    ])
    await k('delete', 'job', '-l', 'jobgroup=jobexample')
  })
})

test('a picture is computed by an Indexed Job, a band an index', async () => {
  const file = podium.manifest(
    'mandelbrot',
    `
apiVersion: batch/v1
kind: Job
metadata: {name: mandelbrot}
spec:
  completions: 4
  parallelism: 2
  completionMode: Indexed
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: mandelbrot
        image: podium/mandelbrot:v1
        args: [--tiles, '4', --width, '80', --height, '48', --iterations, '500']
`,
  )
  await k('apply', '-f', file)
  await waitFor('mandelbrot')
  const { items } = JSON.parse(await k('get', 'pods', '-l', 'job-name=mandelbrot', '-o', 'json'))
  const bands = items.map(
    (pod: { status: { containerStatuses: { state: { terminated: { message: string } } }[] } }) =>
      JSON.parse(pod.status.containerStatuses[0]!.state.terminated.message).mandelbrot,
  ) as { first: number; pixels: string }[]
  const pixels = bands
    .sort((a, b) => a.first - b.first)
    .map((band) => band.pixels)
    .join('')
  expect(pixels).toHaveLength(80 * 48)
  // The middle row crosses the set.
  expect(pixels.slice(23 * 80, 24 * 80)).toContain('A'.repeat(20))
})
