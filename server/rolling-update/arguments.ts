// What the command line of a rolling update says, checked; flags and defaults are those of kubectl 1.1.
import { parseArgs } from 'node:util'
import { RollingUpdateError } from './controllers.ts'

export const USAGE = `podium rolling-update OLD ([NEW] --image=IMAGE | -f NEW.json|yaml | [NEW] --rollback)

Replaces a ReplicationController by another, pod by pod. Begun again after a crash, it goes on where it was.

  -f, --filename FILE        the new ReplicationController (- reads standard input)
  --image IMAGE              the new image of its container; the name is kept unless NEW is given
  --container NAME           which container, when a pod has several
  --rollback                 back to OLD, out of an update that has not ended
  --update-period TIME       rest after each step up (1m0s)
  --poll-interval TIME       between two looks (3s)
  --timeout TIME             how long nothing may move (5m0s)
  --deployment-label-key KEY the label that keeps old and new pods apart (deployment)
  --kubeconfig FILE, --context NAME, -n, --namespace NAME`

export interface Arguments {
  oldName: string
  newName: string | undefined
  filename: string | undefined
  image: string | undefined
  container: string | undefined
  rollback: boolean
  deploymentKey: string
  updatePeriodMs: number
  pollIntervalMs: number
  timeoutMs: number
  kubeconfig: string | undefined
  context: string | undefined
  namespace: string | undefined
}

const text = { type: 'string' } as const

/**
 * Reads the arguments after `rolling-update`.
 * @returns undefined when the usage was asked for
 * @throws RollingUpdateError with one sentence
 */
export function readArguments(args: readonly string[]): Arguments | undefined {
  const { values, positionals } = parsed(args)
  if (values.help) return undefined
  const [oldName, newName, more] = positionals
  if (oldName === undefined || more !== undefined) {
    throw new RollingUpdateError('One or two names are needed: OLD and, maybe, NEW. See --help.')
  }
  const { filename, image, rollback = false } = values
  const ways = [filename !== undefined, image !== undefined, rollback].filter(Boolean).length
  if (ways !== 1) {
    throw new RollingUpdateError('One of --filename, --image and --rollback must be given.')
  }
  return {
    oldName,
    newName,
    filename,
    image,
    rollback,
    container: values.container,
    deploymentKey: values['deployment-label-key'] ?? 'deployment',
    updatePeriodMs: duration('update-period', values['update-period'] ?? '1m0s'),
    pollIntervalMs: duration('poll-interval', values['poll-interval'] ?? '3s'),
    timeoutMs: duration('timeout', values.timeout ?? '5m0s'),
    kubeconfig: values.kubeconfig,
    context: values.context,
    namespace: values.namespace,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        filename: { ...text, short: 'f' },
        namespace: { ...text, short: 'n' },
        image: text,
        container: text,
        rollback: { type: 'boolean' },
        'update-period': text,
        'poll-interval': text,
        timeout: text,
        'deployment-label-key': text,
        kubeconfig: text,
        context: text,
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new RollingUpdateError((error as Error).message)
  }
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Go's durations: `1m0s`, `250ms`, `1.5h`; milliseconds. */
function duration(flag: string, given: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(given)) {
    throw new RollingUpdateError(`--${flag} takes a time such as 10s, not "${given}".`)
  }
  let total = 0
  for (const [, count, unit = ''] of given.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(count) * (UNITS[unit] ?? 0)
  }
  return total
}
